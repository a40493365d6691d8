"""Days away from school, for many students in one query."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import QuerySet

from keywork import prepared
from keywork.calendar import spans_by_student
from keywork.known import rows_of
from keywork.sql import any_of


def read_absences(
    ids: Collection[int], first: date, as_of: date, known_on: date | None = None
) -> prepared.Read:
    """Full days away that end on `first` or later, of absences begun by `as_of` (H4), oldest first."""
    return prepared.Read(_absences, ids, first, as_of, known_on=known_on, then=spans_by_student)


def _absences(ids: Any, first: date, as_of: date, *, known_on: date | None) -> QuerySet:
    found = rows_of("students.Absence", known_on).filter(
        any_of("student", ids), ends_on__gte=first, starts_on__lte=as_of
    )
    by_day = found.order_by("student_id", "starts_on", "ends_on")
    return by_day.values_list("student_id", "starts_on", "ends_on")
