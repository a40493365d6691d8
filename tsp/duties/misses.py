"""Baselines and reviews whose time passed, found for the whole school at once (T1 to T6).

A baseline is missed when its last serving day has passed, the 30th pupil day (T3), and is kept under its due date;
a review from the day after it was due. Students are sorted out by their first day, which decides what they owe; the
database leaves out those whose window was finished in time, and the pure rules decide about the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from keywork.calendar import SchoolCalendar, Term
from keywork.chunks import Chunk, chunks
from keywork.duties import MissFact
from keywork.policy import Policy
from keywork.posts import charged
from keywork.school import SchoolFacts
from keywork.sql import rows

from .. import dues
from ..dues import BASELINE, REVIEW, Baseline
from .facts import NO_WINDOWS, TermFacts, windows_of_term

MISS_NAMES: Mapping[str, str] = {"tsp_baseline": "TSP baseline", "tsp_review": "TSP review"}


class Owing(NamedTuple):
    student_id: int
    joined_on: date
    left_on: date | None
    live_on: date  # the first day of which anything is known of them

    @property
    def began(self) -> Began:
        return self.joined_on, self.live_on


Began = tuple[date, date]  # the first day on roll, and the first of which anything is known (C1)


@dataclass(frozen=True, slots=True)
class Asked:
    """One term, and the due dates asked about; judged by the policy in force at its end, or now while it runs."""

    term: Term
    policy: Policy
    earliest: date
    as_of: date
    live_on: date
    calendar: SchoolCalendar

    def baseline(self, began: Began) -> Baseline | None:
        return dues.baseline_owed(self.term, *began, self.policy, self.calendar)


def missed_windows(
    as_of: date, since: date | None, school: SchoolFacts, students: Iterable[int] | None
) -> Iterator[MissFact]:
    """Every baseline and review due from `since` that was missed by `as_of`; see `DutyProvider.misses`."""
    earliest = max(since or school.went_live_on, school.went_live_on)
    judged = [
        Asked(
            term,
            school.policy(min(term.ends_on, as_of)),
            earliest,
            as_of,
            school.went_live_on,
            school.calendar,
        )
        for term in school.calendar.terms
        if term.starts_on < as_of and term.ends_on >= earliest
    ]
    for chunk in chunks(students):
        for asked in judged:
            owed = {day: one for day in _beginnings(chunk, asked) if (one := asked.baseline(day)) is not None}
            if owed:
                yield from _baselines(chunk, asked, owed)
                yield from _reviews(chunk, asked, owed)


def _baselines(chunk: Chunk, asked: Asked, owed: Mapping[Began, Baseline]) -> Iterator[MissFact]:
    passed = [day for day, one in owed.items() if asked.earliest <= one.window.due_on < asked.as_of]
    if not passed:
        return
    found = _without(chunk, asked, BASELINE, passed)
    done = windows_of_term([one.student_id for one in found], asked.term, asked.as_of) if found else {}
    missed = []
    for one in found:
        baseline = owed[one.began]
        left_on = one.left_on or date.max
        last = min(baseline.missed_on, left_on)
        on = dues.baseline_done_on(baseline, done.get(one.student_id, NO_WINDOWS).done, asked.as_of)
        if left_on >= baseline.window.due_on and last < asked.as_of and (on is None or on > last):
            missed.append((one.student_id, baseline.window.due_on))
    yield from charged("tsp_baseline", missed, asked.calendar)


def _reviews(chunk: Chunk, asked: Asked, owed: Mapping[Began, Baseline]) -> Iterator[MissFact]:
    usual = dues.ordinary_window(asked.term, REVIEW, asked.policy, asked.calendar)
    if usual is None:
        return
    # Until its own day has come, a review can only have been missed by somebody who left.
    passed = asked.earliest <= usual.due_on < asked.as_of
    found = _without(chunk, asked, REVIEW, list(owed), only_leavers=not passed)
    if not found:
        return
    ids = [one.student_id for one in found]
    leavers = [
        one.student_id for one in found if one.left_on is not None and one.left_on <= asked.term.ends_on
    ]
    known = windows_of_term(ids, asked.term, asked.as_of, leavers=leavers)
    missed = []
    for one in found:
        due_on = _review_missed(one, owed[one.began], known.get(one.student_id, NO_WINDOWS), asked)
        if due_on is not None:
            missed.append((one.student_id, due_on))
    yield from charged("tsp_review", missed, asked.calendar)


def _review_missed(one: Owing, baseline: Baseline, facts: TermFacts, asked: Asked) -> date | None:
    """The due date that passed; None where it was met, is yet to come or is none of those asked about."""
    on = dues.baseline_done_on(baseline, facts.done, asked.as_of)
    review = dues.review_owed(
        asked.term,
        one.left_on,
        baseline,
        on,
        facts.away,
        asked.policy,
        asked.calendar,
    )
    if review is None or not asked.earliest <= review.window.due_on < asked.as_of:
        return None
    return None if any(day <= review.window.due_on for day in facts.done.review) else review.window.due_on


def _beginnings(chunk: Chunk, asked: Asked) -> list[Began]:
    """When those who were here in the term began."""
    found = rows(
        f"SELECT DISTINCT joined_on, greatest(known_from, %(live)s) FROM {chunk.students} student"
        f" WHERE {chunk.condition('id')} AND {_HERE}",
        {**chunk.params, **_span(asked), "live": asked.live_on},
    )
    return [(joined_on, live_on) for joined_on, live_on in found]


def _without(
    chunk: Chunk, asked: Asked, kind: str, began: list[Began], *, only_leavers: bool = False
) -> list[Owing]:
    """Those of these beginnings with no window of this kind that was surely finished in time."""
    window = dues.ordinary_window(asked.term, kind, asked.policy, asked.calendar)
    if window is None:
        return []
    found = rows(
        f"""
        SELECT id, joined_on, left_on, greatest(known_from, %(live)s) FROM {chunk.students} student
        WHERE {chunk.condition("id")} AND {_HERE}
            AND (joined_on, greatest(known_from, %(live)s)) IN (
                SELECT * FROM unnest(%(joined)s::date[], %(known)s::date[]))
            {"AND left_on < %(due)s AND left_on < %(as_of)s" if only_leavers else ""}
            AND NOT EXISTS (
                SELECT FROM tsp_window done WHERE done.student_id = student.id AND done.term = %(term)s
                    AND done.kind = %(kind)s AND done.reopened_reason = ''
                    AND done.done_on BETWEEN greatest(%(opens)s, student.joined_on, student.known_from, %(live)s)
                        AND least(student.left_on, %(due)s)
            )
        """,
        {
            **chunk.params,
            **_span(asked),
            "joined": [joined_on for joined_on, _ in began],
            "known": [live_on for _, live_on in began],
            "term": asked.term.id,
            "kind": kind,
            "opens": window.opens_on,
            "live": asked.live_on,
            "due": window.due_on,
            "as_of": asked.as_of,
        },
    )
    return [Owing(*row) for row in found]


_HERE = "joined_on <= %(ends)s AND (left_on IS NULL OR left_on >= %(starts)s)"


def _span(asked: Asked) -> dict[str, date]:
    return {"starts": asked.term.starts_on, "ends": asked.term.ends_on}
