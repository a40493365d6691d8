"""When staff are written to: on school days, from seven in the morning until seven in the evening.

Pure functions. What falls into the night, a weekend, a holiday or a closure waits for the next school morning; which
mails wait is said where each is registered (outbox.kinds.mail).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from .calendar import SchoolCalendar
from .dates import LONDON

OPENS, SHUTS = time(7), time(19)

_DAY = timedelta(days=1)


def is_school_day(day: date, calendar: SchoolCalendar) -> bool:
    """A pupil or INSET day; where the calendar says nothing yet, a weekday, so that a year not entered silences nobody."""
    blocks = calendar.blocks
    if not blocks or not blocks[0].starts_on <= day <= blocks[-1].ends_on:
        return day.weekday() < 5
    return calendar.is_staff_day(day)


def is_first_of_week(day: date, calendar: SchoolCalendar) -> bool:
    """The first school day of its week, on which whoever reads once a week is written to."""
    earlier = (day - n * _DAY for n in range(1, day.weekday() + 1))
    return is_school_day(day, calendar) and not any(is_school_day(one, calendar) for one in earlier)


def is_open(at: datetime, calendar: SchoolCalendar) -> bool:
    local = at.astimezone(LONDON)
    return OPENS <= local.time() < SHUTS and is_school_day(local.date(), calendar)


def next_open(at: datetime, calendar: SchoolCalendar) -> datetime:
    """`at` itself, or seven o'clock of the next school morning."""
    if is_open(at, calendar):
        return at
    local = at.astimezone(LONDON)
    day = local.date() if local.time() < OPENS else local.date() + _DAY
    while not is_school_day(day, calendar):
        day += _DAY
    return datetime.combine(day, OPENS, LONDON)
