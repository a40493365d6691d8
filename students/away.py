"""Days away from school, for many students in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from keywork.calendar import Span, spans_by_student
from keywork.sql import among, as_array, rows


def absences(
    ids: Sequence[int], first: date, last: date, as_of: date, known_on: date | None
) -> dict[int, tuple[Span, ...]]:
    """Full days away from `first` to `last`, of absences begun by `as_of` (H4). Others may be among them."""
    found = rows(
        f"""
        SELECT student_id, starts_on, ends_on FROM students_absence
        WHERE {among(ids, "student_id")} AND ends_on >= %(first)s AND starts_on <= %(last)s
            AND starts_on <= %(as_of)s {known_sql(known_on)}
        ORDER BY student_id, starts_on
        """,
        {"ids": as_array(ids), "first": first, "last": last, "as_of": as_of, "known_on": known_on},
    )
    return spans_by_student(found)


def absences_sql(student_id: str, known_on: date | None) -> str:
    """The same of one student as `{{start, end}, …}`, inside another query that has these parameters."""
    return f"""ARRAY(SELECT ARRAY[starts_on, ends_on] FROM students_absence WHERE student_id = {student_id}
        AND ends_on >= %(first)s AND starts_on <= %(last)s AND starts_on <= %(as_of)s {known_sql(known_on)}
        ORDER BY starts_on)"""


def known_sql(known_on: date | None) -> str:
    """Written down by then; uses the parameter `known_on`."""
    return "" if known_on is None else "AND (recorded_at AT TIME ZONE 'Europe/London')::date <= %(known_on)s"
