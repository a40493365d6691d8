"""The windows of one term as plain rows: one query for any number of students.

`known_on` leaves out what was only finished after that day. A window that was opened again counts from the day it
was first finished: its history knows that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from keywork.sql import among, as_array, prepared_rows

from ..dues import BASELINE, NOTHING_DONE, Done


class WindowFact(NamedTuple):
    """One window. `done` are the days it was finished on; `answered` counts only while it is unfinished."""

    done: tuple[date, ...]
    is_open: bool
    reopened: bool
    answered: int
    template_id: int


@dataclass(frozen=True, slots=True, eq=False)
class TermFacts:
    """The two windows of one student in one term; None for one nobody has opened.

    Students alike share one of these, so it is known by what it is and quick to look things up by.
    """

    baseline: WindowFact | None = None
    review: WindowFact | None = None
    done: Done = NOTHING_DONE


NO_WINDOWS = TermFacts()


def _day(moment: str) -> str:
    """An instant as its London date, in SQL."""
    return f"({moment} AT TIME ZONE 'Europe/London')::date"


# The instant at which the day `by` is over: worked out once, and not the London day of every rating.
_NEXT_DAY = "((%(by)s::date + 1)::timestamp AT TIME ZONE 'Europe/London')"


def windows_of_term(
    ids: Sequence[int], term: str, as_of: date, known_on: date | None = None
) -> dict[int, TermFacts]:
    """Of each student that has any. Ratings count from the day they were made or confirmed."""
    known = later = ""
    if known_on is not None:
        known = f"AND {_day('past.finished_at')} <= %(known_on)s"
        later = f"OR {_day('finished_at')} > %(known_on)s"
    found = prepared_rows(
        f"""
        SELECT student_id, kind, done_on, still_open, reopened, earlier,
            CASE WHEN still_open THEN (
                SELECT count(*) FROM tsp_rating rating WHERE rating.window_id = window_.id
                    AND rating.confirmed_at < {_NEXT_DAY}) END, template_id
        FROM (
            SELECT *, finished_at IS NULL OR done_on > %(as_of)s {later} AS still_open,
                reopened_reason <> '' AS reopened,
                CASE WHEN reopened_reason <> '' THEN ARRAY(
                    SELECT DISTINCT past.done_on FROM tsp_windowevent past
                    WHERE past.pgh_obj_id = tsp_window.id AND past.done_on IS NOT NULL {known} ORDER BY 1
                ) END AS earlier
            FROM tsp_window WHERE {among(ids, "student_id")} AND term = %(term)s
        ) AS window_
        """,
        {"ids": as_array(ids), "term": term, "as_of": as_of, "by": known_on or as_of, "known_on": known_on},
    )
    return _by_student(found)


def _by_student(found: Sequence[tuple[Any, ...]]) -> dict[int, TermFacts]:
    facts: dict[tuple[Any, ...], WindowFact] = {}
    alike: dict[tuple[WindowFact | None, WindowFact | None], TermFacts] = {}
    pairs: dict[int, tuple[WindowFact | None, WindowFact | None]] = {}
    for student_id, kind, done_on, is_open, reopened, earlier, answered, template_id in found:
        key = (done_on, is_open, reopened, tuple(earlier or ()), answered, template_id)
        fact = facts.get(key)
        if fact is None:
            fact = facts[key] = _fact(*key)
        baseline, review = pairs.get(student_id, (None, None))
        pairs[student_id] = (fact, review) if kind == BASELINE else (baseline, fact)
    made: dict[int, TermFacts] = {}
    for student_id, pair in pairs.items():
        known = alike.get(pair)
        if known is None:
            baseline, review = pair
            done = Done(baseline.done if baseline else (), review.done if review else ())
            known = alike[pair] = TermFacts(baseline, review, done)
        made[student_id] = known
    return made


def _fact(
    done_on: date | None,
    is_open: bool,
    reopened: bool,
    earlier: tuple[date, ...],
    answered: int | None,
    template_id: int,
) -> WindowFact:
    days = {*earlier, *((done_on,) if done_on is not None and not is_open else ())}
    return WindowFact(tuple(sorted(days)), is_open, reopened, answered or 0, template_id)
