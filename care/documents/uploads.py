"""Files as they are filed: PDFs without what rides along, pictures drawn anew. Nothing else is taken."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.forms import ValidationError

from keywork.forms import picture_from
from students.uploads import PDF_MAGIC, pdf_from

PDF = "application/pdf"
LONGEST_SIDE = 2400  # pixels: a page of handwriting stays readable


class Kept(NamedTuple):
    content_type: str
    ending: str
    content: bytes


def kept_from(upload: Any) -> Kept:
    """By what the file is, not by what it is called; ValidationError says what is wrong."""
    start = upload.read(len(PDF_MAGIC))
    upload.seek(0)
    if start == PDF_MAGIC:
        return Kept(PDF, "pdf", pdf_from(upload, "the document").read())
    if not start.startswith((b"\x89PNG", b"\xff\xd8")):
        raise ValidationError(
            "This is neither a PDF nor a JPEG or PNG picture. Save it as PDF and choose that"
        )
    picture = picture_from(upload, longest_side=LONGEST_SIDE)
    return Kept(str(picture.content_type), str(picture.name).rpartition(".")[2], picture.read())
