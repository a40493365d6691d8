"""The windows of one term as plain rows: one query for any number of students.

`known_on` leaves out what was only finished after that day. A window that was opened again counts from the day it
was first finished: its history knows that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from keywork.calendar import Span, Term
from keywork.sql import among, as_array, rows
from students.away import absences_sql

from ..dues import BASELINE, NOTHING_DONE, Done


class WindowFact(NamedTuple):
    """One window. `done` are the days it was finished on; `answered` and `digest` are read while it is unfinished."""

    done: tuple[date, ...]
    is_open: bool
    reopened: bool
    answered: int
    template_id: int
    digest: str | None = None  # of its form


@dataclass(frozen=True, slots=True, eq=False)
class TermFacts:
    """The two windows of one student in one term; None for one nobody has opened.

    Students alike share one of these, so it is known by what it is and quick to look things up by.
    """

    baseline: WindowFact | None = None
    review: WindowFact | None = None
    done: Done = NOTHING_DONE
    # Of a leaver, who owes a closing review by the days attended since the baseline.
    away: tuple[Span, ...] = ()


NO_WINDOWS = TermFacts()


def _day(moment: str) -> str:
    """An instant as its London date, in SQL."""
    return f"({moment} AT TIME ZONE 'Europe/London')::date"


# The instant at which the day `by` is over: worked out once, and not the London day of every rating.
_NEXT_DAY = "((%(by)s::date + 1)::timestamp AT TIME ZONE 'Europe/London')"


def windows_of_term(
    ids: Sequence[int],
    term: Term,
    as_of: date,
    known_on: date | None = None,
    leavers: Sequence[int] = (),
) -> dict[int, TermFacts]:
    """Of each student that has any. Ratings count from the day they were made or confirmed.

    Of the `leavers` among them also when they were away in the term (T6).
    """
    known = later = ""
    if known_on is not None:
        known = f"AND {_day('past.finished_at')} <= %(known_on)s"
        later = f"OR {_day('finished_at')} > %(known_on)s"
    found = rows(
        f"""
        SELECT student_id, kind, done_on, still_open, reopened, earlier,
            CASE WHEN still_open THEN (
                SELECT count(*) FROM tsp_rating rating WHERE rating.window_id = window_.id
                    AND rating.confirmed_at < {_NEXT_DAY}) END, template_id,
            CASE WHEN still_open THEN (SELECT digest FROM tsp_templateversion form WHERE form.id = template_id) END,
            CASE WHEN student_id = ANY(%(leavers)s::bigint[])
                THEN {absences_sql("window_.student_id", known_on)} END
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
        {
            "ids": as_array(ids),
            "term": term.id,
            "as_of": as_of,
            "by": known_on or as_of,
            "known_on": known_on,
            "leavers": as_array(leavers),
            "first": term.starts_on,
            "last": term.ends_on,
        },
    )
    return _by_student(found)


_Pair = tuple[WindowFact | None, WindowFact | None, tuple[Span, ...]]


def _by_student(found: Sequence[tuple[Any, ...]]) -> dict[int, TermFacts]:
    facts: dict[tuple[Any, ...], WindowFact] = {}
    alike: dict[_Pair, TermFacts] = {}
    pairs: dict[int, _Pair] = {}
    for student_id, kind, done_on, is_open, reopened, earlier, answered, template_id, digest, away in found:
        key = (done_on, is_open, reopened, tuple(earlier or ()), answered, template_id, digest)
        fact = facts.get(key)
        if fact is None:
            fact = facts[key] = _fact(*key)
        baseline, review, spans = pairs.get(student_id, (None, None, ()))
        if away:
            spans = tuple([(first, last) for first, last in away])
        pairs[student_id] = (fact, review, spans) if kind == BASELINE else (baseline, fact, spans)
    made: dict[int, TermFacts] = {}
    for student_id, pair in pairs.items():
        known = alike.get(pair)
        if known is None:
            baseline, review, spans = pair
            done = Done(baseline.done if baseline else (), review.done if review else ())
            known = alike[pair] = TermFacts(baseline, review, done, spans)
        made[student_id] = known
    return made


def _fact(
    done_on: date | None,
    is_open: bool,
    reopened: bool,
    earlier: tuple[date, ...],
    answered: int | None,
    template_id: int,
    digest: str | None,
) -> WindowFact:
    days = {*earlier, *((done_on,) if done_on is not None and not is_open else ())}
    return WindowFact(tuple(sorted(days)), is_open, reopened, answered or 0, template_id, digest)
