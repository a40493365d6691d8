"""The terms of one student, as TSP looks at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from keywork import terms
from keywork.calendar import Term
from keywork.policy import Policy

from .people import School, Student

RECENT = 2  # terms back in which much was written down; before that less


@dataclass(slots=True)
class Span:
    """One term of one student. `ago` counts terms back from the present or last one, which is 0.

    `baseline` is None where none is owed; `last` the last day that counts: of the term, of the student, or today.
    The last two are the days on which they were finished.
    """

    term: Term
    ago: int
    first: date
    last: date
    is_now: bool
    baseline: terms.AssessmentPeriod | None
    missed_on: date
    review: terms.AssessmentPeriod | None
    baseline_on: date | None = None
    review_on: date | None = None

    @property
    def is_recent(self) -> bool:
        return self.ago <= RECENT


def spans_in(school: School, policy: Policy) -> Callable[[Student], list[Span]]:
    """Made once for the school; answers for a student, oldest first."""
    calendar, today = school.calendar, school.today
    begun = [one for one in calendar.terms if one.starts_on <= today and one.ends_on >= school.live_on]

    @cache
    def periods(
        term: Term, joined: date | None
    ) -> tuple[terms.AssessmentPeriod | None, date, terms.AssessmentPeriod | None]:
        review = terms.review_period(term, policy, calendar)
        missed = terms.baseline_missed_on(term, calendar) or term.ends_on
        if joined is None:
            return terms.baseline_period(term, policy, calendar), missed, review
        new = terms.new_student_baseline(joined, policy, calendar)
        if new is None or new.term.id != term.id:
            return None, missed, review
        return terms.AssessmentPeriod(joined, new.due_on), max(missed, new.due_on), review

    def of(student: Student) -> list[Span]:
        first_day, last_day, found = student.first_day, student.last_day, []
        for ago, term in zip(reversed(range(len(begun))), begun, strict=True):
            if term.ends_on >= first_day and term.starts_on <= last_day:
                late = student.joined > (calendar.nth_pupil_day(term.starts_on, 1) or term.starts_on)
                first, last = max(term.starts_on, first_day), min(term.ends_on, last_day)
                owed = periods(term, student.joined if late else None)
                found.append(Span(term, ago, first, last, today <= term.ends_on, *owed))
        return found

    return of
