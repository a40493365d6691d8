"""Sharing a long holiday out between keyworker and mentor, and telling staff afterwards what home said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction

from keywork import clock
from keywork.access import shut_out
from keywork.calendar import Span
from keywork.errors import Refused
from keywork.models import Assignment, User
from outbox import actions as outbox
from students.models import Student

from ..models import Briefing, BriefingReader, HolidayWeek

BRIEFED = "contacts.briefing"


@transaction.atomic
def share_out(*, by: User, student: Student, weeks: Mapping[Span, User | None]) -> None:
    """Who covers each of these weeks; None where nobody does yet. What stays the same is not written again."""
    Student.objects.select_for_update().filter(pk=student.pk).first()
    kept = {one.starts_on: one for one in HolidayWeek.objects.filter(student=student)}
    for (first, last), user in weeks.items():
        one = kept.get(first)
        if user is None:
            if one is not None:
                one.delete()
            continue
        if one is not None and (one.covered_by_id, one.ends_on) == (user.pk, last):
            continue
        one = one or HolidayWeek(student=student, starts_on=first)
        one.ends_on, one.covered_by, one.entered_by, one.entered_at = last, user, by, clock.now()
        one.save()


@transaction.atomic
def brief_staff(*, by: User, student: Student, closure: Span, words: str) -> Briefing:
    """To everyone around the student today but the writer. Raises Refused where it was sent already, or says nothing."""
    if not words.strip():
        raise Refused("Write what staff should know", "words")
    try:
        with transaction.atomic():
            briefing = Briefing.objects.create(
                student=student,
                closed_from=closure[0],
                closed_to=closure[1],
                words=words.strip(),
                sent_by=by,
                sent_at=clock.now(),
            )
    except IntegrityError as error:
        raise Refused("Staff were told of this holiday already") from error
    readers = staff_around(student, clock.today())
    BriefingReader.objects.bulk_create(
        BriefingReader(briefing=briefing, user=user) for user in readers if user.pk != by.pk
    )
    outbox.do(BRIEFED, key=str(briefing.pk), briefing=briefing.pk)
    return briefing


def staff_around(student: Student, today: date) -> list[User]:
    """Keyworker, deputy, mentor, core team and teachers of a day; never the student's own family."""
    assignments = Assignment.objects.current(today).filter(student=student, user__is_active=True)
    users = list(
        {assignment.user_id: assignment.user for assignment in assignments.select_related("user")}.values()
    )
    family = shut_out(users)
    found = [user for user in users if (user.pk, student.pk) not in family]
    return sorted(found, key=lambda user: (user.name, user.pk))


def mark_read(*, by: User, briefing: Briefing) -> None:
    """The first time somebody whom it was sent to opens it."""
    BriefingReader.objects.filter(briefing=briefing, user=by, read_at__isnull=True).update(
        read_at=clock.now()
    )
