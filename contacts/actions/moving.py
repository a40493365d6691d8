"""Moving an entry that was written into the wrong student's record: one act, with a reason."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from keywork.errors import Refused
from keywork.models import User
from keywork.words import worded
from students.models import Student

from ..models import HomeContact
from ..models.entry import LogEntry
from .contacts import Person, check_person
from .entries import check_day, check_level, void

# What is not carried over: the new row has its own.
NOT_KEPT = frozenset(
    {
        "id",
        "student_id",
        "voided_on",
        "voided_by_id",
        "void_reason",
        "moved_from_id",
        "version",
        "call",
        "answered",
    }
)


@transaction.atomic
def move(
    *, by: User, entry: LogEntry, student: Student, reason: str, person: Person | None = None
) -> LogEntry:
    """Cross the entry out where it is and write it anew into `student`'s record; returns the new one.

    When it happened, who wrote it, the day it was logged and a late approval stay as they were. `person` is who was
    at the other end of a contact, as the right student's family knows them. What was shared with the wrong home is
    not shared with the right one. Raises Refused.
    """
    if not reason.strip():
        raise Refused(worded("Say why it belongs to another student"), "reason")
    if student.pk == entry.student_id:
        raise Refused(worded("It is in this student’s record already"), "student")
    check_day(student=student, happened_on=entry.happened_on, latest=entry.logged_on)
    check_level(by=by, student=student, level=entry.level)
    void(
        by=by,
        entry=entry,
        reason=f"Belongs to another {worded('student')}, and was moved there. {reason.strip()}"[:300],
    )
    kept: dict[str, Any] = {
        field.attname: getattr(entry, field.attname)
        for field in entry._meta.concrete_fields
        if field.attname not in NOT_KEPT
    }
    if isinstance(entry, HomeContact):
        assert person is not None
        check_person(person, student)
        kept |= {**person.fields, "call": uuid.uuid4(), "shared": False, "shared_summary": ""}
    model: Any = type(entry)
    moved: LogEntry = model(**kept, student=student, moved_from=entry)
    moved.save(force_insert=True)
    return moved
