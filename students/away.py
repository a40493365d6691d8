"""Days away from school, for many students in one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from keywork.calendar import Span
from keywork.sql import among, as_array, prepared_rows


def absences(
    ids: Sequence[int], first: date, last: date, as_of: date, known_on: date | None
) -> dict[int, tuple[Span, ...]]:
    """Full days away from `first` to `last`, of absences begun by `as_of` (H4). Others may be among them."""
    known = "" if known_on is None else "AND (recorded_at AT TIME ZONE 'Europe/London')::date <= %(known_on)s"
    found: dict[int, tuple[Span, ...]] = {}
    for student_id, start, end in prepared_rows(
        f"""
        SELECT student_id, starts_on, ends_on FROM students_absence
        WHERE {among(ids, "student_id")} AND ends_on >= %(first)s AND starts_on <= %(last)s
            AND starts_on <= %(as_of)s {known}
        ORDER BY student_id, starts_on
        """,
        {"ids": as_array(ids), "first": first, "last": last, "as_of": as_of, "known_on": known_on},
    ):
        found[student_id] = (*found.get(student_id, ()), (start, end))
    return found
