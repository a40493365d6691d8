"""The terms of one student, as TSP looks at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

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
    begun = [
        (
            term,
            calendar.nth_pupil_day(term.starts_on, 1) or term.starts_on,
            terms.baseline_period(term, policy, calendar),
            terms.baseline_missed_on(term, calendar) or term.ends_on,
            terms.review_period(term, policy, calendar),
        )
        for term in calendar.terms
        if term.starts_on <= today and term.ends_on >= school.live_on
    ]

    def of(student: Student) -> list[Span]:
        found, new = [], terms.new_student_baseline(student.joined, policy, calendar)
        for ago, (term, opens_on, baseline, missed_on, review) in enumerate(reversed(begun)):
            first, last = max(term.starts_on, student.first_day), min(term.ends_on, student.last_day)
            if student.joined > opens_on:  # in the course of it: they have a baseline of their own, or none
                own = new if new is not None and new.term.id == term.id else None
                baseline = terms.AssessmentPeriod(student.joined, own.due_on) if own else None
                missed_on = max(missed_on, own.due_on) if own else missed_on
            if first <= last:
                found.append(Span(term, ago, first, last, today <= term.ends_on, baseline, missed_on, review))
        return found[::-1]

    return of
