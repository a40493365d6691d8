"""PDFs as they are kept: their pages, without what a file carries beside them."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile


class NotAPdf(ValueError):
    """The file cannot be read as PDF, or is locked."""


# Of the document, a page, a picture, anything: XMP, the private data of programs, what is done on opening, a form that
# brings its own scripts (XFA), scripts wherever they stand, attached files, and what names them.
_BESIDE = (
    "/Metadata",
    "/PieceInfo",
    "/OpenAction",
    "/AA",
    "/PA",
    "/JS",
    "/XFA",
    "/NeedsRendering",
    "/AF",
    "/Collection",
    "/EF",
    "/RF",
)
# Of a stream: where else its bytes are to be fetched from.
_ELSEWHERE = ("/F", "/FFilter", "/FDecodeParms")
_JPEG = (pikepdf.Name.DCTDecode, pikepdf.Array([pikepdf.Name.DCTDecode]))
_NAMED = ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations", "/Renditions")
# All that a link or a bookmark may do when it is pressed: lead to a page, or to a web address.
_LEADS = ("/GoTo", "/URI", "/Named")
# What on a page plays, runs or holds a file.
_PLAYS = (
    "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment", "/Projection", "/TrapNet",
)  # fmt: skip


WEB = ("http://", "https://", "mailto:", "tel:")
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
    """The pages of a PDF without author, dates, XMP, scripts, attached files and what plays. Raises NotAPdf."""
    out = io.BytesIO()
    try:
        with pikepdf.open(upload) as book:
            if not book.pages:
                raise NotAPdf
            if "/Info" in book.trailer:
                del book.trailer["/Info"]
            names = book.Root.get("/Names")
            for key in _NAMED:
                if isinstance(names, pikepdf.Dictionary) and key in names:
                    del names[key]
            for one in book.objects:
                _clean(one)
                if isinstance(one, pikepdf.Stream) and one.get("/Filter") in _JPEG:
                    one.write(_bare_jpeg(one.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
            book.save(out, deterministic_id=True)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError) as error:
        raise NotAPdf from error
    return ContentFile(out.getvalue(), name="plan.pdf")


def _clean(one: Any) -> None:
    """This object and what stands in it: nothing runs, sends or plays, links and bookmarks only lead."""
    if isinstance(one, pikepdf.Array):
        inside: list[Any] = list(one)
    elif isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        for key in (*_BESIDE, *(_ELSEWHERE if isinstance(one, pikepdf.Stream) else ())):
            if key in one:
                del one[key]
        notes = one.get("/Annots")
        if isinstance(notes, pikepdf.Array):
            one["/Annots"] = pikepdf.Array([note for note in notes if not _plays(note)])
        if _plays(one):
            for key in set(one.keys()) - {"/Type", "/Rect"}:
                del one[key]
        does = one.get("/A")
        if "/A" in one and not (isinstance(does, pikepdf.Dictionary) and _leads(does)):
            del one["/A"]
        inside = [one[key] for key in one.keys()]  # noqa: SIM118  no mapping
    else:
        return
    for part in inside:
        if isinstance(part, (pikepdf.Array, pikepdf.Dictionary)) and not part.is_indirect:
            _clean(part)


def _plays(note: Any) -> bool:
    kinds = isinstance(note, pikepdf.Dictionary) and "/Rect" in note
    return kinds and str(note.get("/Subtype")) in _PLAYS


def _leads(does: pikepdf.Dictionary) -> bool:
    """To a page, or to an address of the web or of mail: no script in an address, and nothing after it."""
    if str(does.get("/S")) not in _LEADS or "/Next" in does:
        return False
    return str(does.get("/S")) != "/URI" or str(does.get("/URI", "")).strip().lower().startswith(WEB)


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
