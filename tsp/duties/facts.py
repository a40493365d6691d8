"""The windows of one term as plain rows: one query for any number of students.

`known_on` leaves out what was only finished after that day. A window that was opened again counts from the day it
was first finished: its history knows that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from keywork.sql import as_array, prepared_rows

from ..dues import BASELINE, Done


class WindowFact(NamedTuple):
    """One window. `done` are the days it was finished on; `answered` counts only while it is unfinished."""

    done: tuple[date, ...]
    is_open: bool
    reopened: bool
    answered: int
    template_id: int


class TermFacts(NamedTuple):
    """The two windows of one student in one term; None for one nobody has opened."""

    baseline: WindowFact | None = None
    review: WindowFact | None = None

    @property
    def done(self) -> Done:
        return Done(self.baseline.done if self.baseline else (), self.review.done if self.review else ())


NO_WINDOWS = TermFacts()


def _day(moment: str) -> str:
    """An instant as its London date, in SQL."""
    return f"({moment} AT TIME ZONE 'Europe/London')::date"


def windows_of_term(
    ids: Sequence[int], term: str, as_of: date, known_on: date | None = None
) -> dict[int, TermFacts]:
    """Of each student that has any. Ratings count from the day they were made or confirmed."""
    found: dict[int, TermFacts] = {}
    known = later = ""
    if known_on is not None:
        known = f"AND {_day('past.finished_at')} <= %(known_on)s"
        later = f"OR {_day('finished_at')} > %(known_on)s"
    for student_id, kind, *fact in prepared_rows(
        f"""
        SELECT student_id, kind, done_on, still_open, reopened, earlier,
            CASE WHEN still_open THEN (
                SELECT count(*) FROM tsp_rating rating WHERE rating.window_id = window_.id
                    AND {_day("rating.confirmed_at")} <= %(by)s) END, template_id
        FROM (
            SELECT *, finished_at IS NULL OR done_on > %(as_of)s {later} AS still_open,
                reopened_reason <> '' AS reopened,
                CASE WHEN reopened_reason <> '' THEN ARRAY(
                    SELECT DISTINCT past.done_on FROM tsp_windowevent past
                    WHERE past.pgh_obj_id = tsp_window.id AND past.done_on IS NOT NULL {known} ORDER BY 1
                ) END AS earlier
            FROM tsp_window WHERE student_id = ANY(%(ids)s::bigint[]) AND term = %(term)s
        ) AS window_
        """,
        {"ids": as_array(ids), "term": term, "as_of": as_of, "by": known_on or as_of, "known_on": known_on},
    ):
        made = _fact(*fact)
        mine = found.get(student_id, NO_WINDOWS)
        found[student_id] = mine._replace(**{"baseline" if kind == BASELINE else "review": made})
    return found


def _fact(
    done_on: date | None, is_open: bool, reopened: bool, earlier: Any, answered: int | None, template_id: int
) -> WindowFact:
    days = {*(earlier or ()), *((done_on,) if done_on is not None and not is_open else ())}
    return WindowFact(tuple(sorted(days)), is_open, reopened, answered or 0, template_id)
