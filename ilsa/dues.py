"""When the assessment of an academic year is owed, and how it stands on one day (domain 3.6). Pure functions.

Due by the last pupil day of the academic year, or by a leaver's last; not owed by anyone on roll for fewer than
60 pupil days of the year; best done in the six weeks before the annual review. It is done when the keyworker's own
ratings are in: a missing rater never blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from keywork.calendar import SchoolCalendar
from keywork.duties import Status
from keywork.policy import Policy

LEAST_PUPIL_DAYS = 60
SOON_DAYS = 28
BEFORE_REVIEW = timedelta(weeks=6)

Why = Literal["", "joins", "left", "not_live", "no_calendar", "no_ilsa", "too_few_days"]


@dataclass(frozen=True, slots=True)
class AcademicYear:
    """Its first day and its last pupil day; ``label`` is like "2026-27"."""

    label: str
    starts_on: date
    ends_on: date


def academic_years(calendar: SchoolCalendar) -> tuple[AcademicYear, ...]:
    """Every year of the calendar that has a pupil day, oldest first."""
    spans: dict[str, tuple[date, date]] = {}
    for term in calendar.terms:
        label = term.id[:7]
        first, _ = spans.get(label, (term.starts_on, term.ends_on))
        spans[label] = (first, term.ends_on)
    found = []
    for label, (first, last) in spans.items():
        last_pupil_day = calendar.last_pupil_day_on_or_before(last, not_before=first)
        if last_pupil_day is not None:
            found.append(AcademicYear(label, first, last_pupil_day))
    return tuple(found)


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


@dataclass(frozen=True, slots=True)
class Standing:
    """How one student's assessment stands. `near_review` when the annual review is six weeks away or less."""

    status: Status
    year: AcademicYear | None = None
    due_on: date | None = None
    done_on: date | None = None
    near_review: bool = False
    why: Why = ""


def standing(
    as_of: date,
    joined_on: date,
    left_on: date | None,
    live_on: date,
    done_on: date | None,
    is_open: bool,
    review_on: date | None,
    year: AcademicYear | None,
    policy: Policy,
    calendar: SchoolCalendar,
) -> Standing:
    """`year` is that of `year_shown`; `done_on` the day of the keyworker's answers in it, `is_open` whether a round
    asks for them."""
    if policy.ilsa_cadence == "none":
        return Standing(Status.NONE, why="no_ilsa")
    if year is None:
        return Standing(Status.NONE, why="no_calendar")
    if joined_on > as_of:
        return Standing(Status.NONE, year, why="joins")
    if left_on is not None and left_on < as_of:
        return Standing(Status.NONE, year, why="left")
    due = due_on(year, joined_on, left_on, calendar)
    if done_on is not None and done_on <= as_of:
        late = due is not None and done_on > due
        return Standing(Status.MET_LATE if late else Status.MET, year, due, done_on)
    if due is None:
        return Standing(Status.NOT_REQUIRED, year, why="too_few_days")
    if due < live_on:
        return Standing(Status.NONE, year, why="not_live")
    if as_of > due:
        return Standing(Status.MISSED, year, due)
    near = review_on is not None and as_of <= review_on <= as_of + BEFORE_REVIEW
    if (due - as_of).days <= SOON_DAYS:
        return Standing(Status.DUE_SOON, year, due, near_review=near)
    return Standing(Status.OPEN if is_open or near else Status.OK, year, due, near_review=near)
