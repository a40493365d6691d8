"""Files of reports: kept as they were made and handed over whole or not at all, one by one or an order's together.

Their names tell them apart in a folder of sixty, without a surname.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pikepdf
from django.db.models.fields.files import FieldFile
from django.http import Http404, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from keywork.errors import Refused

from .binding import Book

if TYPE_CHECKING:
    from .models import Report

EPOCH = (1980, 1, 1, 0, 0, 0)  # of the entries of an archive: the same reports are the same file
LONGEST = 100


def has_digest(stored: FieldFile, sha256: str) -> bool:
    """Is the file there, as it was made?"""
    try:
        with stored.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (OSError, ValueError):  # no file, or one that cannot be read
        return False


def read_whole(stored: FieldFile, sha256: str) -> bytes | None:
    """What is in the file; None where it is not there, or not as it was made."""
    try:
        with stored.open("rb") as file:
            content = bytes(file.read())
    except (OSError, ValueError):
        return None
    return content if hashlib.sha256(content).hexdigest() == sha256 else None


def missing_in_words(signs: str) -> str:
    """What to tell who proofs a file; each sign with its number, for those whose own screen cannot show it either."""
    named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in signs)
    return f"No font here can print {named}: an empty box stands in its place."


def file_name(student: Any, *about: str) -> str:
    """ "Mina-H-what-helps": known as, the first letter of the surname, and what it is; no ending."""
    who = (student.known_as, student.surname[:1])
    return "-".join(filter(None, (*map(_plain, who), *map(slugify, about))))[:LONGEST]


def report_name(report: Report) -> str:
    """The same of a report: its kind and term; where each household has its own, the report's number too."""
    from .kinds import KINDS  # whose sections are made of this app's models

    number = str(report.pk) if report.household else ""
    return file_name(report.student, KINDS[report.kind].name, report.term, number)


def _plain(name: str) -> str:
    """Letters of any script, figures and dashes: every system takes them."""
    return "-".join("".join(one if one.isalnum() else " " for one in name).split())


def served(report: Report, after: Callable[[], None] | None = None) -> StreamingHttpResponse:
    """The file; `after` is called once the whole of it has been handed over to be sent."""
    content = read_whole(report.pdf, report.sha256)
    if content is None:
        raise Http404

    def parts() -> Iterator[bytes]:
        yield content
        if after is not None:  # the server asks for more only when it could send what it had
            after()

    return StreamingHttpResponse(
        parts(),
        content_type="application/pdf",
        headers={
            "Content-Length": str(len(content)),
            "Content-Disposition": str(content_disposition_header(False, f"{report_name(report)}.pdf")),
        },
    )


def zipped(reports: Iterable[Report]) -> bytes:
    """Each PDF under its own name. Raises Refused where one is missing or damaged."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:  # PDFs are compressed already
        for number, report in enumerate(reports, 1):
            name = f"{number:03}-{report_name(report)}.pdf"
            archive.writestr(zipfile.ZipInfo(name, EPOCH), _content(report))
    return made.getvalue()


def bound(reports: Iterable[Report]) -> bytes:
    """One document for the printer, with their tags and a bookmark each. Raises Refused as above."""
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
