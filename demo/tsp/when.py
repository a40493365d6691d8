"""The terms of one student: when baseline and review were open, and which term is this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from keywork import terms
from keywork.calendar import SchoolCalendar, Term
from keywork.policy import Policy

from ..people import School, Student

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """One term of one student. `ago` counts terms back from the present or last one, which is 0.

    `baseline` is None where none is owed; `last` the last day that counts: of the term, of the student, or today.
    """

    term: Term
    ago: int
    first: date
    last: date
    is_now: bool
    baseline: terms.Window | None
    missed_on: date
    review: terms.Window | None

    @property
    def season(self) -> str:
        return self.term.id.rsplit("-", 1)[1]


class Terms:
    """Made once for the school; `of` answers for a student."""

    def __init__(self, school: School, policy: Policy) -> None:
        self._school, self._policy = school, policy
        self._begun = [
            term
            for term in school.calendar.terms
            if term.starts_on <= school.today and term.ends_on >= school.live_on
        ]
        self._window = cache(self._find_window)

    @property
    def begun(self) -> list[Term]:
        return self._begun

    def of(self, student: Student) -> Iterator[Span]:
        """Oldest first."""
        today, calendar = self._school.today, self._school.calendar
        first_day = max(student.joined, self._school.live_on)
        last_day = min(today, student.left or today)
        for place, term in enumerate(self._begun):
            if term.ends_on < first_day or term.starts_on > last_day:
                continue
            opens = calendar.nth_pupil_day(term.starts_on, 1) or term.starts_on
            late_start = student.joined > opens
            baseline, missed_on, review = self._window(term, student.joined if late_start else None)
            yield Span(
                term=term,
                ago=len(self._begun) - 1 - place,
                first=max(term.starts_on, first_day),
                last=min(term.ends_on, last_day),
                is_now=today <= term.ends_on,
                baseline=baseline,
                missed_on=missed_on,
                review=review,
            )

    def _find_window(
        self, term: Term, joined: date | None
    ) -> tuple[terms.Window | None, date, terms.Window | None]:
        calendar: SchoolCalendar = self._school.calendar
        review = terms.review_window(term, self._policy, calendar)
        missed = terms.baseline_missed_on(term, calendar) or term.ends_on
        if joined is None:
            return terms.baseline_window(term, self._policy, calendar), missed, review
        new = terms.new_student_baseline(joined, self._policy, calendar)
        if new is None or new.term.id != term.id:
            return None, missed, review
        return terms.Window(joined, new.due_on), max(missed, new.due_on), review
