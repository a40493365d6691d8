"""How a miss is classed and whose it is (C7, C14), and what absence asks for (C11, C15). Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from contacts.clock import ATTEMPTS
from contacts.home_contact import LoggedContact
from keywork.attribution import Attribution
from keywork.calendar import SchoolCalendar, Span, merged_spans
from keywork.policy import Policy

MissClass = Literal["missed", "attempted"]

LONG_ABSENCE_PUPIL_DAYS = 10
HOUSEHOLD_NOT_REACHED_DAYS = 42

_DAY = timedelta(days=1)

# How a miss is classed and whose it is


def miss_class(attempts: Sequence[LoggedContact], clock_start: date, due: date, policy: Policy) -> MissClass:
    """C7: ``attempted`` if enough unanswered attempts were made after ``clock_start`` and by the due date."""
    counted = [one for one in attempts if one.outcome in ATTEMPTS and clock_start < one.on <= due]
    needed = policy.contact_attempts_for_escalation
    enough = (
        len(counted) >= needed.attempts
        and len({one.on for one in counted}) >= needed.distinct_days
        and len({one.channel for one in counted}) >= needed.distinct_channels
    )
    return "attempted" if enough else "missed"


def attribution(due: date, keyworker_since: date | None, policy: Policy) -> Attribution:
    """C14: whose miss it is. ``keyworker_since`` is when the keyworker in post on the due date began."""
    if keyworker_since is None or keyworker_since > due:
        return "unassigned"
    return "handover" if (due - keyworker_since).days < policy.handover_grace_days else "keyworker"


# Absence (C11), other households (C15)


def long_absence_reminder(
    absences: Sequence[Span],
    calendar: SchoolCalendar,
    as_of: date,
    reminder_after: int = LONG_ABSENCE_PUPIL_DAYS,
) -> date | None:
    """C11: the tenth pupil day in a row of the student's present absence, if it has come; else None.

    ``absences`` are full days, first and last. Weekends and holidays between two absences do not break the
    row; a pupil day in school does.
    """
    away = _present_absence(absences, calendar, as_of)
    if away is None:
        return None
    began, ended = away
    tenth = calendar.nth_pupil_day(began, reminder_after)
    return tenth if tenth is not None and tenth <= ended else None


def pupil_days_away(absences: Sequence[Span], calendar: SchoolCalendar, as_of: date) -> int:
    """C11: how many pupil days in a row the student has been away up to ``as_of``; 0 when in school."""
    away = _present_absence(absences, calendar, as_of)
    return 0 if away is None else calendar.pupil_days(*away)


def _present_absence(absences: Sequence[Span], calendar: SchoolCalendar, as_of: date) -> Span | None:
    """The absence that no pupil day in school has ended yet, cut to end by ``as_of``."""
    began: date | None = None
    ended: date | None = None
    for first, last in merged_spans(absences):
        if first > as_of:
            break
        if ended is None or calendar.pupil_days(ended + _DAY, first - _DAY):
            began = first
        ended = min(last, as_of)
    if began is None or ended is None or calendar.pupil_days(ended + _DAY, as_of):
        return None
    return began, ended


def deputy_alert_on(due: date, keyworker_away: Sequence[Span]) -> date | None:
    """C11: the day to alert the deputy: when the leave that holds the due date begins. None without one."""
    for first, last in merged_spans(keyworker_away):
        if first <= due <= last:
            return first
    return None


def household_not_reached(last_reached_on: date | None, since: date, as_of: date) -> bool:
    """C15: whether a household with parental responsibility goes on the list: 42 days or more unreached.

    ``since`` is when the household could first have been reached (the clock's start).
    """
    return (as_of - max(since, last_reached_on or since)).days >= HOUSEHOLD_NOT_REACHED_DAYS
