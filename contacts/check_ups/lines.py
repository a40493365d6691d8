"""How the rounds of one student went, and how often each teacher answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from enquiries.models import Enquiry
from keywork import clock, prepared
from keywork.sql import any_of
from students.models import Student

from . import KIND
from .kinds import ISSUE

SHOWN_DAYS = 366  # rounds of the last year: what is older stands on the timeline
WAITS_DAYS = 28  # what a teacher told waits on Today so long; it stays on the timeline

TELLS = Q(kind=KIND, answered_at__isnull=False, answers__how=ISSUE)


@dataclass(frozen=True, slots=True)
class Round:
    """Of one student; `answers` are all that were asked, whoever told something first."""

    began_on: date
    ends_on: date
    answers: list[Enquiry]

    @property
    def is_open(self) -> bool:
        return clock.today() <= self.ends_on

    @property
    def told(self) -> list[Enquiry]:
        return [one for one in self.answers if says_more(one)]

    @property
    def well(self) -> list[Enquiry]:
        return [one for one in self.answers if one.answered_at and not says_more(one)]

    @property
    def silent(self) -> list[Enquiry]:
        return [one for one in self.answers if not one.answered_at]


@dataclass(slots=True)
class Teller:
    """One teacher over the rounds shown."""

    name: str
    asked: int = 0
    answered: int = 0
    told: int = 0
    last_at: datetime | None = None


def says_more(row: Enquiry) -> bool:
    return row.answered_at is not None and row.answers.get("how") == ISSUE


def rounds_of(student: Student) -> tuple[list[Round], list[Teller]]:
    """Newest first, and each teacher by name; one query."""
    since = (clock.today() - timedelta(days=SHOWN_DAYS)).isoformat()
    rows = Enquiry.objects.filter(kind=KIND, student=student, period__gte=since, withdrawn_at__isnull=True)
    rounds: dict[str, Round] = {}
    tellers: dict[int, Teller] = {}
    for row in rows.select_related("user", "read_by").order_by("-period", "user__in_order", "user_id"):
        assert row.user is not None
        one = rounds.setdefault(row.period, Round(date.fromisoformat(row.period), row.answer_by, []))
        one.answers.append(row)
        teller = tellers.setdefault(row.user.pk, Teller(row.user.name))
        teller.asked += 1
        if row.answered_at is not None:
            teller.answered += 1
            teller.told += says_more(row)
            teller.last_at = max(teller.last_at or row.answered_at, row.answered_at)
    return list(rounds.values()), sorted(tellers.values(), key=lambda one: one.name)


def unread(students: Collection[int]) -> prepared.Read:
    """Of these students, those about whom a teacher told something that nobody has read: key, name and how many."""
    return prepared.Read(_unread, students, clock.now() - timedelta(days=WAITS_DAYS), then=_counted)


def _counted(rows: list[tuple[int, str]]) -> list[tuple[int, str, int]]:
    told: dict[int, tuple[str, int]] = {}
    for pk, name in rows:
        told[pk] = (name, told.get(pk, (name, 0))[1] + 1)
    return [(pk, name, count) for pk, (name, count) in told.items()]


def _unread(students: Any, since: Any) -> QuerySet:
    rows = Enquiry.objects.filter(
        TELLS, any_of("student", students), read_at__isnull=True, answered_at__gt=since
    )
    return rows.order_by("student__in_order", "student_id", "pk").values_list(
        "student_id", "student__known_as"
    )
