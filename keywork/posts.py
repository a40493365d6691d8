"""Who was keyworker when, for many students in one query each: what a duty and a miss name beside the facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from .access import shut_out
from .calendar import SchoolCalendar
from .charges import charge
from .duties import MissFact
from .models import Assignment, User


class Spell(NamedTuple):
    """Somebody's time as keyworker, both days inclusive."""

    starts_on: date
    ends_on: date | None
    user_id: int
    name: str


def keyworkers(ids: Collection[int], first: date, last: date) -> dict[int, list[Spell]]:
    """Who was keyworker of each student at any time from `first` to `last`, in order."""
    found: dict[int, list[Spell]] = {}
    rows = _posts(ids, first, last).values_list(
        "student_id", "starts_on", "last_day", "user_id", "user__name"
    )
    for student_id, *spell in rows:
        found.setdefault(student_id, []).append(Spell(*spell))
    return found


def _posts(ids: Collection[int], first: date, last: date) -> QuerySet[Any]:
    """Posts of keyworkers held on some day from `first` to `last`, by student and start."""
    begun = Assignment.objects.filter(kind="keyworker", student__in=ids, starts_on__lte=last).with_last_day()
    held = Q(last_day__isnull=True) | Q(last_day__gte=Greatest(F("starts_on"), Value(first)))
    return begun.filter(held).order_by("student_id", "starts_on")


def in_post(asked: Sequence[tuple[int, date]]) -> dict[tuple[int, date], tuple[int, date]]:
    """For each student and day asked about: the keyworker of that day and since when they were."""
    days = [day for _, day in asked]
    spells = keyworkers({student_id for student_id, _ in asked}, min(days), max(days)) if days else {}
    return {
        (student_id, day): (one.user_id, one.starts_on)
        for student_id, day in asked
        for one in spells.get(student_id, ())
        if one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)
    }


def charged(kind: str, missed: Sequence[tuple[int, date]], calendar: SchoolCalendar) -> Iterator[MissFact]:
    """Due dates that passed unmet, of a duty counted in school days, each with whose miss it is (H7).

    Unassigned with nobody in post, in handover with less than ten pupil days in post, missed otherwise.
    """
    in_charge = in_post(missed)
    for student_id, due_on in missed:
        keyworker_id, since = in_charge.get((student_id, due_on), (None, None))
        whose = charge(due_on, since, calendar)
        yield MissFact(kind, student_id, due_on, "missed" if whose == "keyworker" else whose, keyworker_id)


def reachable(kind: str, on: date, students: Iterable[int]) -> dict[int, User]:
    """Who holds a post for each of these students and may be written to: active, never the student's own family."""
    posts = list(
        Assignment.objects.current(on)
        .filter(kind=kind, student__in=list(students), user__is_active=True)
        .select_related("user")
    )
    family = shut_out({post.user for post in posts})
    return {post.student_id: post.user for post in posts if (post.user_id, post.student_id) not in family}
