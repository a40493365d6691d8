"""PDFs as they are kept: their pages, without what a file carries beside them."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile


class NotAPdf(ValueError):
    """The file cannot be read as PDF, or is locked."""


# Of the document, a page, a picture, anything: XMP, the private data of programs, what is done on opening.
_BESIDE = ("/Metadata", "/PieceInfo", "/OpenAction", "/AA")
_JPEG = (pikepdf.Name.DCTDecode, pikepdf.Array([pikepdf.Name.DCTDecode]))
_NAMED = ("/JavaScript", "/EmbeddedFiles")
# What a link or a bookmark does when it is pressed, other than to lead to a page or a web address.
_DOES = (
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToE",
    "/GoToR",
    "/Rendition",
    "/RichMediaExecute",
)


MAX_PDF = 20 * 1024 * 1024  # bytes
PDF_MAGIC = b"%PDF-"


def pdf_from(upload: Any, what: str) -> ContentFile:
    """An uploaded PDF as it is kept; ValidationError says what is wrong with `what`: "the plan"."""
    if upload.size > MAX_PDF:
        raise ValidationError("The file is larger than 20 MB. Scan it in grey, or in fewer dots")
    magic = upload.read(len(PDF_MAGIC))
    upload.seek(0)
    if magic != PDF_MAGIC:
        raise ValidationError(f"This file is not a PDF. Choose {what} as PDF")
    try:
        return without_metadata(upload)
    except NotAPdf as error:
        raise ValidationError(
            "This PDF is damaged or locked with a password. Print it to PDF again and choose that"
        ) from error


def without_metadata(upload: Any) -> ContentFile:
    """The pages of a PDF without author, dates, XMP, scripts and attached files. Raises NotAPdf."""
    out = io.BytesIO()
    try:
        with pikepdf.open(upload) as book:
            if not book.pages:
                raise NotAPdf
            if "/Info" in book.trailer:
                del book.trailer["/Info"]
            names = book.Root.get("/Names")
            for holder, keys in ((names, _NAMED), *((one, _BESIDE) for one in book.objects)):
                for key in keys:
                    if isinstance(holder, (pikepdf.Dictionary, pikepdf.Stream)) and key in holder:
                        del holder[key]
            for one in book.objects:
                _only_lead(one)
                if isinstance(one, pikepdf.Stream) and one.get("/Filter") in _JPEG:
                    one.write(_bare_jpeg(one.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
            book.save(out, deterministic_id=True)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError) as error:
        raise NotAPdf from error
    return ContentFile(out.getvalue(), name="plan.pdf")


def _only_lead(one: Any) -> None:
    """Links and bookmarks in this object, of a page's annotations too, that would run or send something do nothing."""
    if isinstance(one, pikepdf.Array):
        for part in one:
            _only_lead(part)
    elif isinstance(one, pikepdf.Dictionary):
        if isinstance(one.get("/Annots"), pikepdf.Array) and not one.Annots.is_indirect:
            _only_lead(one.Annots)
        does = one.get("/A")
        if isinstance(does, pikepdf.Dictionary) and (str(does.get("/S")) in _DOES or "/Next" in does):
            del one["/A"]
        if "/AA" in one:
            del one["/AA"]


def _bare_jpeg(picture: bytes) -> bytes:
    """A JPEG without Exif, XMP, IPTC and comments: where a phone writes place and time. Colours stay as they are.

    Up to the picture itself it is a row of segments: FF, a kind, two bytes of length. Anything else stays as it is.
    """
    kept, at = picture[:2], 2
    while picture[at : at + 1] == b"\xff" and at + 4 <= len(picture):
        kind, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if kind == 0xDA or length < 2:  # the picture begins
            break
        if kind not in (0xE1, 0xED, 0xFE):  # APP1, APP13, comment
            kept += picture[at : at + 2 + length]
        at += 2 + length
    return kept + picture[at:]
