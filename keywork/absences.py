"""Who of the staff is away on a day: one answer for Today, the board, Oversight and a record's header."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet

from . import clock, prepared
from .models import Assignment, StaffAbsence, User
from .sql import any_of


def away_until(on: date, users: Iterable[int] | None = None) -> Mapping[int, date]:
    """The id of everyone away on that day (of `users`, where given) to the last day of it; one query."""
    return dict(prepared.rows(_away, on) if users is None else prepared.rows(_away, on, list(users)))


def _away(on: date, users: Any = None) -> QuerySet:
    absences = StaffAbsence.objects.filter(starts_on__lte=on, ends_on__gte=on)
    if users is not None:
        absences = absences.filter(any_of("user", users))
    return absences.order_by("ends_on").values_list("user_id", "ends_on")


def first_here(people: Iterable[User | None], away: Container[int]) -> User | None:
    """Whom to turn to: the first of them who is not away, or the first of all where everyone is."""
    known = [person for person in people if person is not None]
    return next((person for person in known if person.pk not in away), known[0] if known else None)


def keyworker_of(student: Any) -> User | None:
    """Whom to ask today: the keyworker, or the deputy where there is none or while they are away; two queries."""
    kinds = [Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY]
    rows = Assignment.objects.current(clock.today()).filter(
        student=student, kind__in=kinds, user__is_active=True
    )
    found = {row.kind: row.user for row in rows.select_related("user")}
    away = away_until(clock.today(), [user.pk for user in found.values()])
    return first_here((found.get(kind) for kind in kinds), away)
