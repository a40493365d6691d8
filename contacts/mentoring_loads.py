"""Mentoring of many people at once: each one's load of a week, the slots a student is told of, the times of drop-in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from keywork.policy import Policy

from . import mentoring as rules
from .models import DropInTime, MentoringSlot

AHEAD = timedelta(days=14)  # slots on a student's own page
SHOWN = 3


def loads(day: date, users: Collection[int]) -> dict[int, rules.Load]:
    """Of each of these people who has any, in the week of a day; one query."""
    slots: defaultdict[int, list[rules.Booked]] = defaultdict(list)
    rows = MentoringSlot.objects.filter(mentor__in=users, on__range=rules.week_of(day)).order_by()
    for user_id, on, minutes, status in rows.values_list("mentor", "on", "minutes", "status"):
        slots[user_id].append(rules.Booked(on, minutes, status))
    found = {user_id: rules.load(those, day) for user_id, those in slots.items()}
    return {user_id: one for user_id, one in found.items() if one.slots}


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
    rows = MentoringSlot.objects.filter(
        student=student_id, status=MentoringSlot.Status.PLANNED, on__range=(today, today + AHEAD)
    )
    return list(rows.select_related("mentor").defer("focus", "note").order_by("on", "at", "pk")[:SHOWN])
