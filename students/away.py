"""Days away from school, for many students in one query."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from keywork.calendar import Span, spans_by_student
from keywork.known import rows_of


def absences(
    ids: Collection[int], first: date, as_of: date, known_on: date | None = None
) -> dict[int, tuple[Span, ...]]:
    """Full days away that end on `first` or later, of absences begun by `as_of` (H4), oldest first."""
    found = rows_of("students.Absence", known_on).filter(
        student__in=ids, ends_on__gte=first, starts_on__lte=as_of
    )
    return spans_by_student(
        found.order_by("student_id", "starts_on").values_list("student_id", "starts_on", "ends_on")
    )


def absences_sql(student_id: str, known_on: date | None) -> str:
    """The same of one student as `{{start, end}, …}`, inside another query that has these parameters."""
    return f"""ARRAY(SELECT ARRAY[starts_on, ends_on] FROM students_absence WHERE student_id = {student_id}
        AND ends_on >= %(first)s AND starts_on <= %(last)s AND starts_on <= %(as_of)s {known_sql(known_on)}
        ORDER BY starts_on)"""


def known_sql(known_on: date | None) -> str:
    """Written down by then; uses the parameter `known_on`."""
    return "" if known_on is None else "AND (recorded_at AT TIME ZONE 'Europe/London')::date <= %(known_on)s"
