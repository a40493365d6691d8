"""The beginning and end of term in pupil days (rules T1 to T6): when a baseline and a review are due.

Pure functions of the calendar and the policy. A date the calendar does not reach is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from keywork.calendar import SchoolCalendar, Span, Term
from keywork.policy import Policy

BASELINE_MISSED_AFTER_PUPIL_DAY = 30
CLOSING_REVIEW_PUPIL_DAYS = 20


@dataclass(frozen=True, slots=True)
class AssessmentPeriod:
    """First and last day, both included; the last is the due date."""

    opens_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class NewStudentBaseline:
    """``nth_pupil_day_on`` is the 20th pupil day on roll; ``term`` the one the baseline serves."""

    nth_pupil_day_on: date
    due_on: date
    term: Term


def baseline_period(term: Term, policy: Policy, calendar: SchoolCalendar) -> AssessmentPeriod | None:
    """T1: from the first pupil day of the term to its 10th. None for a term without a pupil day."""
    opens = _pupil_day(term, 1, calendar)
    if opens is None:
        return None
    due = _pupil_day(term, policy.tsp_baseline_due_pupil_day, calendar)
    return AssessmentPeriod(opens, due or calendar.last_pupil_day_on_or_before(term.ends_on) or opens)


def baseline_missed_on(term: Term, calendar: SchoolCalendar) -> date | None:
    """T3: the 30th pupil day, by whose end a baseline must be done. A short term gives its last day."""
    return _pupil_day(term, BASELINE_MISSED_AFTER_PUPIL_DAY, calendar) or (
        calendar.last_pupil_day_on_or_before(term.ends_on, not_before=term.starts_on)
    )


def new_student_baseline(
    joined_on: date, policy: Policy, calendar: SchoolCalendar
) -> NewStudentBaseline | None:
    """T2: due on the 20th pupil day on roll, holidays skipped, or on that term's T1 date if later."""
    nth = calendar.nth_pupil_day(joined_on, policy.tsp_baseline_new_student_pupil_day)
    term = calendar.term_on(nth) if nth is not None else None
    ordinary = baseline_period(term, policy, calendar) if term is not None else None
    if nth is None or term is None or ordinary is None:
        return None
    return NewStudentBaseline(nth, max(nth, ordinary.due_on), term)


def review_period(term: Term, policy: Policy, calendar: SchoolCalendar) -> AssessmentPeriod | None:
    """T5: the last 15 pupil days of the term, due on the last. A shorter term is all review."""
    due = calendar.last_pupil_day_on_or_before(term.ends_on, not_before=term.starts_on)
    if due is None:
        return None
    back = policy.tsp_review_window_pupil_days - 1
    opens = calendar.pupil_day_before(due, back) if back else due
    first = calendar.nth_pupil_day(term.starts_on, 1) or due
    return AssessmentPeriod(max(opens or first, first), due)


def closing_review_due_on(
    left_on: date, baseline_on: date | None, absences: Sequence[Span], calendar: SchoolCalendar
) -> date | None:
    """T6: a leaver's last day on roll, if inside a term and after 20 pupil days attended since baseline.

    None when none is owed: no baseline, too few days, or leaving between terms or at a term's very end,
    where the ordinary review serves.
    """
    term = calendar.term_on(left_on)
    if baseline_on is None or term is None:
        return None
    last = calendar.last_pupil_day_on_or_before(term.ends_on)
    if last is None or left_on >= last:
        return None
    attended = calendar.pupil_days(baseline_on, left_on, away=absences)
    return left_on if attended >= CLOSING_REVIEW_PUPIL_DAYS else None


def _pupil_day(term: Term, n: int, calendar: SchoolCalendar) -> date | None:
    found = calendar.nth_pupil_day(term.starts_on, n)
    return found if found is not None and found <= term.ends_on else None
