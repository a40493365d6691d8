"""Filing a document, reading its words, and crossing it out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.crypto import get_random_string
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from keywork import clock
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.levels import no_wider
from keywork.models import User
from keywork.opened_by import levels_of
from keywork.words import worded
from outbox import actions as outbox
from students.models import Student

from ..models import Meeting
from . import READ_TEXT
from .models import FiledDocument
from .uploads import PDF, Kept

MOST_TEXT = 200_000  # characters of a document that are found by a search
MOST_PAGES = 300
CROSSED_OUT = "This document has been crossed out already"


@transaction.atomic
def file_document(
    *,
    student: Student,
    fields: Mapping[str, Any],
    upload: Kept | None = None,
    meeting: Meeting | None = None,
    by: User,
) -> FiledDocument:
    """Keep it on the record, with a meeting or by itself. Raises Refused for a level that its writer could not read."""
    if fields["level"] not in offered_levels(by, student, meeting):
        raise Refused("Choose who can read it among those you can read yourself", "level")
    row = FiledDocument(student=student, meeting=meeting, filed_by=by, filed_at=clock.now(), **fields)
    if upload is not None:
        row.content_type, row.sha256 = upload.content_type, hashlib.sha256(upload.content).hexdigest()
        states = FiledDocument.Reading
        row.reading = states.WAITING if upload.content_type == PDF else states.NO_WORDS
        row.file.save(f"{get_random_string(24)}.{upload.ending}", ContentFile(upload.content), save=False)
    row.save()
    if row.reading == FiledDocument.Reading.WAITING:
        outbox.do(READ_TEXT, key=str(row.pk), document=row.pk)
    return row


def offered_levels(by: User, student: Student, meeting: Meeting | None) -> list[str]:
    """Those that whoever files it reads, no wider than the meeting it is filed with as that stands now."""
    mine = levels_of(by, student, Can.VIEW_LOG)
    if meeting is None:
        return mine
    row = Meeting.objects.select_for_update(of=("self",)).filter(student=student, voided_at=None)
    level = row.values_list("level", flat=True).filter(pk=meeting.pk).first()
    return [one for one in mine if one in no_wider(level)] if level in mine else []


def narrow(meeting: Meeting) -> None:
    """Fewer read the meeting than before: those that were filed with it are read by no more."""
    with_it = FiledDocument.objects.filter(meeting=meeting)
    with_it.exclude(level__in=no_wider(meeting.level)).update(level=meeting.level)


def read_text(document: int) -> None:
    """The words of a PDF, by the worker; a scan has none."""
    row = FiledDocument.objects.get(pk=document)
    if row.reading != FiledDocument.Reading.WAITING:
        return
    with row.file.open("rb") as file:
        text = words_of(file.read())
    row.text = text
    row.reading = FiledDocument.Reading.READ if text else FiledDocument.Reading.NO_WORDS
    row.save(update_fields=["text", "reading"])


def words_of(content: bytes) -> str:
    """What a PDF says, run together; nothing where it cannot be read."""
    found: list[str] = []
    try:
        for page in PdfReader(io.BytesIO(content)).pages[:MOST_PAGES]:
            found.append(page.extract_text())
            if sum(map(len, found)) > MOST_TEXT:
                break
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # what was read until then is found
    return " ".join(" ".join(found).replace("\x00", " ").split())[:MOST_TEXT]


@transaction.atomic
def void_document(*, document: FiledDocument, reason: str, by: User) -> None:
    """It is crossed out and stays. Raises Refused."""
    row = FiledDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    readable = FiledDocument.objects.readable_by(by).filter(pk=row.pk)
    if not (allows(by, Can.LOG, row.student_id) and readable.exists()):
        raise Refused(worded("Only those who work with the student, and read it, cross it out"))
    if row.voided_at is not None:
        raise Refused(CROSSED_OUT)
    row.voided_at, row.voided_by, row.void_reason = clock.now(), by, reason.strip()
    row.save(update_fields=["voided_at", "voided_by", "void_reason"])
