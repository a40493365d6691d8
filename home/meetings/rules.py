"""How a meeting stands, and of which meetings one is reminded on a school day. Pure: no Django."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from keywork.calendar import SchoolCalendar

State = Literal["asked", "offered", "settled", "over", "had", "off"]

FARTHEST = timedelta(days=183)  # times are offered half a year ahead at most
_DAY = timedelta(days=1)


def state_of(
    *,
    starts_at: datetime | None,
    ends_at: datetime | None,
    is_settled: bool,
    is_off: bool,
    is_had: bool,
    now: datetime,
) -> State:
    """ "asked": school is to offer a time. "offered": home is to say yes. "over": nobody has written it down yet."""
    if is_off:
        return "off"
    if is_had:
        return "had"
    if starts_at is None or ends_at is None or (not is_settled and ends_at <= now):
        return "asked"  # a time that went by without an answer is none
    if not is_settled:
        return "offered"
    return "over" if ends_at <= now else "settled"


def reminded_on(today: date, calendar: SchoolCalendar) -> tuple[date, date] | None:
    """The first and last day of the meetings of which people are reminded today; None on a day without school."""
    if not calendar.is_pupil_day(today):
        return None
    following = calendar.nth_pupil_day(today + _DAY, 1)
    return today + _DAY, following or today + _DAY


def answered_by(asked_on: date, days: int, calendar: SchoolCalendar) -> date | None:
    """The last day for an answer: so many school days after it was asked; None where the calendar ends before."""
    return calendar.nth_pupil_day(asked_on + _DAY, days)


def overlap(begins: datetime, minutes: int, other: datetime, other_minutes: int) -> bool:
    """Are two times of one person on at once?"""
    return begins < other + timedelta(minutes=other_minutes) and other < begins + timedelta(minutes=minutes)
