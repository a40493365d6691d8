"""An order's reports in one file: an archive of all, or one document for the printer."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

import pikepdf

from keywork.errors import Refused

from .binding import Book
from .file_names import report_name
from .models import Report, read_whole

EPOCH = (1980, 1, 1, 0, 0, 0)  # of the entries: the same reports are the same file


def zipped(reports: Iterable[Report]) -> bytes:
    """Each PDF under its own name. Raises Refused where one is missing or damaged."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:  # PDFs are compressed already
        for number, report in enumerate(reports, 1):
            name = f"{number:03}-{report_name(report)}.pdf"
            archive.writestr(zipfile.ZipInfo(name, EPOCH), _content(report))
    return made.getvalue()


def bound(reports: Iterable[Report]) -> bytes:
    """All of them, one after the other, with their tags and a bookmark each. Raises Refused as above."""
    book = Book("Reports of one order")
    for report in reports:
        try:
            book.add(_content(report), report.title)
        except pikepdf.PdfError as error:
            raise Refused(f"The file of “{report.title}” is no PDF. Make it again first.") from error
    return book.written()


def _content(report: Report) -> bytes:
    content = read_whole(report.pdf, report.sha256)
    if content is None:
        raise Refused(f"The file of “{report.title}” is missing or damaged. Make it again first.")
    return content
