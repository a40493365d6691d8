"""Mentoring of many people at once: each one's load of a week, the slots a student is told of, the times of drop-in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum

from keywork import clock, prepared
from keywork.policy import Policy
from keywork.sql import any_of

from . import mentoring as rules
from .models import DropInTime, MentoringSlot

AHEAD = timedelta(days=14)  # slots on a student's own page
SHOWN = 3


def loads(day: date, users: Collection[int]) -> dict[int, rules.Load]:
    """Of each of these people who has any, in the week of a day; one query."""
    found: dict[int, rules.Load] = read_loads(day, users).now()
    return found


def read_loads(day: date, users: Collection[int]) -> prepared.Read:
    """The same, to be read with others."""
    return prepared.Read(_loads, users, *rules.week_of(day), then=_by_user)


def _by_user(rows: list[tuple[int, int, int]]) -> dict[int, rules.Load]:
    return {user_id: rules.Load(slots, minutes) for user_id, slots, minutes in rows}


def _loads(users: Any, first: date, last: date) -> QuerySet:
    counted = MentoringSlot.objects.filter(
        any_of("mentor", users), on__range=(first, last), status__in=sorted(rules.COUNTED)
    )
    return counted.order_by().values_list("mentor").annotate(Count("pk"), Sum("minutes"))


class DropInLine(NamedTuple):
    """A time of the week, in words: "On Monday at lunch"."""

    pk: int
    day: str
    when: str
    where: str


def drop_in_lines(user_id: int, policy: Policy) -> list[DropInLine]:
    """Those a person publishes, as far as the school's rules still have the time of day."""
    offered = rules.offered_times(policy)
    if not offered:
        return []
    rows = DropInTime.objects.filter(user=user_id, time__in=offered)
    ordered = sorted(rows, key=lambda one: (one.weekday, offered.index(one.time)))
    return [
        DropInLine(one.pk, one.get_weekday_display(), rules.time_words(one.time, policy), one.where)
        for one in ordered
    ]


def coming_slots(student_id: int, today: date) -> list[MentoringSlot]:
    """What a student is told of: the next ones, when and where. What each is for is not read out here."""
    now = clock.now().astimezone(clock.LONDON).time()
    return prepared.rows(_coming_slots, student_id, today, today + AHEAD, now)


def _coming_slots(student_id: Any, first: date, last: date, now: time) -> QuerySet:
    rows = MentoringSlot.objects.filter(
        student=student_id, status=MentoringSlot.Status.PLANNED, on__range=(first, last)
    ).exclude(on=first, at__lt=now)
    return rows.select_related("mentor").defer("focus", "note").order_by("on", "at", "pk")[:SHOWN]
