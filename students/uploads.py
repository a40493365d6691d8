"""Plans in PDF as they are kept: their pages, without what a file carries beside them."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from django.core.files.base import ContentFile


class NotAPdf(ValueError):
    """The file cannot be read as PDF, or is locked."""


# Of the document and of each page: XMP, the private data of programs, what is done on opening.
_BESIDE = ("/Metadata", "/PieceInfo", "/OpenAction", "/AA")
_NAMED = ("/JavaScript", "/EmbeddedFiles")


def without_metadata(upload: Any) -> ContentFile:
    """The pages of a PDF without author, dates, XMP, scripts and attached files. Raises NotAPdf."""
    out = io.BytesIO()
    try:
        with pikepdf.open(upload) as book:
            if not book.pages:
                raise NotAPdf
            if "/Info" in book.trailer:
                del book.trailer["/Info"]
            for holder, keys in (
                (book.Root, _BESIDE),
                (book.Root.get("/Names"), _NAMED),
                *((page.obj, _BESIDE) for page in book.pages),
            ):
                for key in keys:
                    if holder is not None and key in holder:
                        del holder[key]
            book.save(out, deterministic_id=True)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError) as error:
        raise NotAPdf from error
    return ContentFile(out.getvalue(), name="plan.pdf")
