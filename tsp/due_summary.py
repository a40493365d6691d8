"""When the baseline or review of any term is owed: the duty's own answer, for the pages that show one assessment point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from keywork import clock
from keywork.calendar import Term
from keywork.chunks import OnRoll
from keywork.duties import named_date
from keywork.school import SchoolFacts

from . import deadlines
from .deadlines import Done, TspFacts
from .duties.facts import away_of_leavers, days_done, points_of_term


class DueSummary(NamedTuple):
    """First day and last day in time, and `by`, the one date that every page names."""

    opens_on: date
    due_on: date
    by: date


def due_summaries(
    students: Sequence[Any], term: Term, kind: str, as_of: date, school: SchoolFacts
) -> Mapping[int, DueSummary]:
    """Of each student who owes it, by id. One query, and another where somebody leaves in the term.

    Students are rows as those of `keywork.chunks`, in the stay on roll that the term is part of.
    """
    points = points_of_term([one.pk for one in students], term, as_of).now()
    leavers = away_of_leavers(students, term, as_of, None)
    away = leavers.now() if leavers else {}

    @cache
    def period(facts: TspFacts) -> DueSummary | None:
        found = deadlines.period_owed(facts, term, kind, as_of, school)
        if found is None:
            return None
        do_by = school.calendar.last_pupil_day_on_or_before(found.due_on)
        return DueSummary(
            found.opens_on, found.due_on, named_date(found.due_on, do_by, as_of) or found.due_on
        )

    asked = {}
    for one in students:
        done = Done(*(days_done(points[each].get(one.pk)) for each in (deadlines.BASELINE, deadlines.REVIEW)))
        facts = TspFacts(one.joined_on, one.left_on, one.known_from, done, away.get(one.pk, ()))
        asked[one.pk] = period(facts)
    return {pk: found for pk, found in asked.items() if found is not None}


def due_summary_of(student: Any, term: Term, kind: str, school: SchoolFacts) -> DueSummary | None:
    """Of one student, today; None where none is owed."""
    joined_on, left_on = student.stay_on(term.ends_on)
    if joined_on > term.ends_on or (left_on is not None and left_on < term.starts_on):
        return None
    stay = OnRoll(student.pk, joined_on, left_on, student.known_from)
    return due_summaries([stay], term, kind, clock.today(), school).get(student.pk)
