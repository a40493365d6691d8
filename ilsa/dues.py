"""When the assessment of an academic year is owed, and how it stands on one day (domain 3.6). Pure functions.

Due by the last pupil day of the academic year, or by a leaver's last; not owed by anyone on roll for fewer than
60 pupil days of the year; best done in the six weeks before the annual review. It is done when the keyworker's own
ratings are in: a missing rater never blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from keywork.calendar import SchoolCalendar
from keywork.duties import Passed, Reading, Status

if TYPE_CHECKING:
    from keywork.school import SchoolFacts

KIND = "ilsa"
LEAST_PUPIL_DAYS = 60
SOON_DAYS = 28
BEFORE_REVIEW = timedelta(weeks=6)
A_DAY = timedelta(days=1)


class AcademicYear(NamedTuple):
    """Its first day and its last pupil day; ``label`` is like "2026-27"."""

    label: str
    starts_on: date
    ends_on: date


@lru_cache(maxsize=4)
def academic_years(calendar: SchoolCalendar) -> tuple[AcademicYear, ...]:
    """Every year of the calendar that has a pupil day, oldest first."""
    found: dict[str, AcademicYear] = {}
    for term in calendar.terms:
        label = term.id[:7]
        first = found[label].starts_on if label in found else term.starts_on
        last = calendar.last_pupil_day_on_or_before(term.ends_on, not_before=first)
        if last is not None:
            found[label] = AcademicYear(label, first, last)
    return tuple(found.values())


def year_shown(as_of: date, calendar: SchoolCalendar) -> AcademicYear | None:
    """The year of the day; in the summer, the one just ended. None before the calendar begins."""
    begun = [year for year in academic_years(calendar) if year.starts_on <= as_of]
    return begun[-1] if begun else None


def due_on(
    year: AcademicYear, joined_on: date, left_on: date | None, calendar: SchoolCalendar
) -> date | None:
    """The last pupil day on roll in the year; None for somebody on roll fewer than 60 of its pupil days."""
    first, last = max(joined_on, year.starts_on), min(left_on or year.ends_on, year.ends_on)
    if first > last or calendar.pupil_days(first, last) < LEAST_PUPIL_DAYS:
        return None
    return calendar.last_pupil_day_on_or_before(last, not_before=first)


class Forms(NamedTuple):
    """The keyworker's form of the year, and how many of the others are in or excused."""

    pk: int | None = None
    started: bool = False
    others_in: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class IlsaFacts:
    """`done_on` is the day of the keyworker's ratings in the year shown, `review_on` that of the next annual review.

    Who else rates makes no difference to the rule.
    """

    joined_on: date
    left_on: date | None
    known_from: date | None
    done_on: date | None = None
    is_open: bool = False
    review_on: date | None = None
    forms: Forms = field(default=Forms(), compare=False)


def evaluate(facts: IlsaFacts, as_of: date, school: SchoolFacts) -> Reading:
    """How the assessment of the year shown stands at the end of `as_of`, by the policy of that day."""
    year = year_shown(as_of, school.calendar)
    due = due_on(year, facts.joined_on, facts.left_on, school.calendar) if year else None
    status, why = _status(facts, as_of, year, due, school)
    passed: tuple[Passed, ...] = ()
    if year is not None and due is not None and _has_passed(facts, due, as_of, school):
        passed = (Passed(KIND, year.starts_on, due),)
    shown = None if status is Status.NONE else due
    since = year.starts_on if year else None
    return Reading(status=status, why=why, due_on=shown, do_by=shown, since=since, passed=passed)


def _status(
    facts: IlsaFacts, as_of: date, year: AcademicYear | None, due: date | None, school: SchoolFacts
) -> tuple[Status, str]:
    """And why, where nothing is owed at all."""
    if not _is_asked(as_of, school):
        return Status.NONE, "no_ilsa"
    if year is None:
        return Status.NONE, "no_calendar"
    if facts.joined_on > as_of:
        return Status.NONE, "joins"
    if facts.left_on is not None and facts.left_on < as_of:
        return Status.NONE, "left"
    if facts.done_on is not None and facts.done_on <= as_of:
        return (Status.MET_LATE if due is not None and facts.done_on > due else Status.MET), ""
    if due is None:
        return Status.NOT_REQUIRED, ""
    if due < school.begun_on(facts.known_from):
        return Status.NONE, "not_live" if as_of < school.went_live_on else "not_known"
    if as_of > due:
        return Status.MISSED, ""
    if (due - as_of).days <= SOON_DAYS:
        return Status.DUE_SOON, ""
    return (Status.OPEN if facts.is_open or is_near(facts.review_on, as_of) else Status.OK), ""


def _has_passed(facts: IlsaFacts, due: date, as_of: date, school: SchoolFacts) -> bool:
    """Unmet, by the policy of the morning after."""
    in_time = facts.done_on is not None and facts.done_on <= due
    is_known = school.begun_on(facts.known_from) <= due < as_of
    return is_known and not in_time and _is_asked(due + A_DAY, school)


def is_near(review_on: date | None, as_of: date) -> bool:
    return review_on is not None and as_of <= review_on <= as_of + BEFORE_REVIEW


def _is_asked(on: date, school: SchoolFacts) -> bool:
    return school.policy(on).ilsa_cadence != "none"
