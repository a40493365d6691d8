"""When the assessment of an academic year is owed, and how it stands on one day (domain 3.6). Pure functions.

Due by the last pupil day of the academic year, or by a leaver's last; not owed by anyone on roll for fewer than
60 pupil days of the year; best done in the six weeks before the annual review. It is done when the keyworker's own
ratings are in: a missing rater never blocks.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from keywork.duties import DutyResult, Passed, Status, by_its_day

if TYPE_CHECKING:
    from keywork.school import SchoolFacts

KIND = "ilsa"
LEAST_PUPIL_DAYS, SOON_DAYS = 60, 28
BEFORE_REVIEW = timedelta(weeks=6)


class IlsaFacts(NamedTuple):
    """Of the year shown: the day of the keyworker's ratings, whether they have a form, and the day of an annual review
    at most BEFORE_REVIEW away."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    done_on: date | None = None
    is_open: bool = False
    review_on: date | None = None


def due_on(facts: IlsaFacts, on: date, school: SchoolFacts) -> date | None:
    """The last pupil day on roll in the year of a day; None for somebody on roll fewer than 60 of its pupil days."""
    year, calendar = school.calendar.year_shown(on), school.calendar
    if year is None:
        return None
    first, last = max(facts.joined_on, year.starts_on), min(facts.left_on or year.ends_on, year.ends_on)
    if first > last or calendar.pupil_days(first, last) < LEAST_PUPIL_DAYS:
        return None
    return calendar.last_pupil_day_on_or_before(last, not_before=first)


def evaluate(facts: IlsaFacts, as_of: date, school: SchoolFacts) -> DutyResult:
    """How the assessment of the year shown stands at the end of `as_of`, by the policy of that day."""
    year, due = school.calendar.year_shown(as_of), due_on(facts, as_of, school)
    if year is None:
        return DutyResult(status=Status.NONE)
    found = DutyResult(status=_status(facts, due, as_of, school), since=year.starts_on)
    if found.status is not Status.NONE:
        found.due_on = found.do_by = due
    if due is not None and school.begun_on(facts.known_from) <= due < as_of:
        in_time = facts.done_on is not None and facts.done_on <= due
        if not in_time and is_asked(due + timedelta(days=1), school):  # by the policy of the morning after
            found.passed = (Passed(KIND, year.starts_on, due),)
    return found


def _status(facts: IlsaFacts, due: date | None, as_of: date, school: SchoolFacts) -> Status:
    is_done = facts.done_on is not None and facts.done_on <= as_of
    if not is_asked(as_of, school) or not school.counts(facts, as_of):
        return Status.NONE
    if due is None:
        return Status.MET if is_done else Status.NOT_REQUIRED
    if due < school.begun_on(facts.known_from) and not is_done:
        return Status.NONE
    is_open = facts.is_open or facts.review_on is not None
    return by_its_day(facts.done_on, due, as_of, soon_days=SOON_DAYS, is_open=is_open, late=Status.MISSED)


def is_asked(on: date, school: SchoolFacts) -> bool:
    return school.policy(on).ilsa_cadence != "none"
