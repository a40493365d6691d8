"""Meetings as those who read them see them: at home, at school, on Today and on the timeline."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from keywork import clock, prepared
from keywork.access import Can
from keywork.dates import LONDON, day_in_full
from keywork.models import Assignment, User
from keywork.school import SchoolFacts
from keywork.sql import any_of
from keywork.words import counted, filled, worded
from students.models import FamilyMember, Student
from students.models.student import StudentQuerySet

from ..models import Appointment, DetailsProposal, HomeMessage, OfferedTime
from . import rules
from .actions import when_in_words

SHOWN = 10
AHEAD = timedelta(days=7)  # a settled meeting stands on Today so long before
KINDS = (Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY)


def free_times(student: Student, *, at_school: bool = False) -> list[OfferedTime]:
    """Those of whoever answers for the student today: for them, or for any of theirs. One query."""
    today = clock.today()
    assignments = Assignment.objects.current(today).filter(
        student=student, user=OuterRef("user"), kind__in=KINDS
    )
    rows = OfferedTime.objects.free(clock.now()).filter(
        Q(student__isnull=True) | Q(student=student), Exists(assignments), user__is_active=True
    )
    return list(rows.filter(how="school") if at_school else rows)


def of_home(student: Student, member: FamilyMember | None) -> list[Appointment]:
    """Their own, newest first; without a member the student's chats. One query."""
    return prepared.rows(_of_home, student.pk, member.pk if member else None)


def _of_home(student: Any, member: Any) -> QuerySet:
    rows = Appointment.objects.filter(student=student, member=member).select_related("user", "answered_by")
    return rows[:SHOWN]


def said(meeting: Appointment, today: date) -> str:
    """How it stands, in a sentence for whoever asked."""
    name = meeting.user.get_short_name()
    when = when_in_words(meeting.starts_at, today) if meeting.starts_at else ""
    match meeting.state:
        case "asked":
            return filled("{name} has it. The answer comes here.", name=name)
        case "offered":
            return filled("{name} can meet on {when}. Is that right for you?", name=name, when=when)
        case "settled":
            return filled("You meet {name} on {when}.", name=name, when=when)
        case "over" | "had":
            return (
                filled("You met {name} on {when}.", name=name, when=when) if when else worded("You have met.")
            )
    return worded("It is called off.")


def answer_words(school: SchoolFacts, today: date, name: str) -> str:
    """ "Ros answers by the end of Tuesday 24 November": the school's rule, for what is asked today."""
    days = school.policy(today).message_answer_days
    by = rules.answered_by(today, days, school.calendar)
    if by is None:
        return counted(
            "{name} answers within {count} school day.",
            "{name} answers within {count} school days.",
            days,
            name=name,
        )
    return filled("{name} answers by the end of {day}.", name=name, day=day_in_full(by, today))


class FromHome(NamedTuple):
    """What one student's home or the student waits for, or meets for, as Today and the list of it say it."""

    pk: int
    name: str
    messages: int
    asked: int | None  # a meeting that waits for a time
    meeting: int | None  # the next one that is settled, or that was to be
    at: datetime | None
    details: int | None  # what somebody at home asks to have changed of their details

    @property
    def is_over(self) -> bool:
        return self.at is not None and self.at <= clock.now()

    @property
    def when(self) -> str:
        return when_in_words(self.at, clock.today()) if self.at else ""

    @property
    def is_today(self) -> bool:
        return self.at is not None and self.at.astimezone(LONDON).date() == clock.today()


def from_home(students: Collection[int]) -> prepared.Read:
    """Of these students, those whose home or who themselves wait for somebody at school, or who are met soon."""
    now = clock.now()
    return prepared.Read(_from_home, students, now, now + AHEAD, then=_told_of)


def _told_of(rows: list[Any]) -> list[FromHome]:
    return [FromHome(*row) for row in rows]


def _from_home(students: Any, now: Any, until: Any) -> QuerySet:
    mine = Q(student=OuterRef("pk"))
    messages = HomeMessage.objects.unread_at_school().filter(mine).order_by().values("student")
    asked = Appointment.objects.waiting_for_school(now).filter(mine).order_by("pk").values("pk")[:1]
    met = Appointment.objects.settled().filter(mine, starts_at__lt=until).order_by("starts_at", "pk")
    proposed = DetailsProposal.objects.waiting().filter(link__student=OuterRef("pk")).order_by("pk")
    found = Student.objects.annotate(
        messages=messages.annotate(how_many=Count("pk")).values("how_many"),
        asked=asked,
        meeting=met.values("pk")[:1],
        meets_at=met.values("starts_at")[:1],
        details=proposed.values("pk")[:1],
    )
    nothing = Q(messages=None, details=None, asked=None, meeting=None)
    rows = found.filter(any_of("pk", students), ~nothing).order_by("in_order", "pk")
    return rows.values_list("pk", "known_as", "messages", "asked", "meeting", "meets_at", "details")


def waiting_for_nobody() -> StudentQuerySet:
    """Students of whom something waits, and who have neither keyworker nor deputy."""
    mine = Q(student=OuterRef("pk"))
    assignments = Assignment.objects.current(clock.today()).filter(mine, kind__in=KINDS)
    meetings = Appointment.objects.standing().filter(mine, contact__isnull=True, session__isnull=True)
    unread = HomeMessage.objects.unread_at_school().filter(mine)
    return Student.objects.filter(Exists(meetings) | Exists(unread), ~Exists(assignments))


def offered_by(user: User) -> list[OfferedTime]:
    """A person's own times that are still to come, each with who has it. Two queries."""
    rows = OfferedTime.objects.filter(user=user, taken_back_at__isnull=True, starts_at__gt=clock.now())
    found = list(rows.select_related("student"))
    taken = Appointment.objects.standing().filter(time__in=found).select_related("student", "member")
    by_time = {one.time_id: one for one in taken}
    for row in found:
        row.meeting = by_time.get(row.pk)
    return found


def of_school(user: User, students: Collection[int]) -> list[Appointment]:
    """What waits for school, what is settled, and what is to be written down, of these students; soonest first."""
    rows = Appointment.objects.standing().filter(
        any_of("student", students), contact__isnull=True, session__isnull=True
    )
    rows = rows.visible_to(user, Can.ANSWER_HOME).select_related("student", "member", "user")
    return list(rows.order_by(F("starts_at").asc(nulls_first=True), "pk"))
