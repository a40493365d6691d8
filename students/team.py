"""Who is around a student: one list for the record and for the assignments."""

from __future__ import annotations

from datetime import date

from keywork.models import Assignment

from .models import Student


def team(student: Student, today: date) -> list[Assignment]:
    """Who holds a post around the student now or soon, keyworker first."""
    order = {kind: place for place, kind in enumerate(Assignment.Kind)}
    rows = list(Assignment.objects.filter(student=student).not_over(today).select_related("user"))
    return sorted(rows, key=lambda row: (order[Assignment.Kind(row.kind)], row.starts_on, row.user.name))
