"""Which days a contact or session may be dated, and what is said of a late one (C10, C13, H6, H9).

Pure: no Django. The refusals are sentences for the person who is writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from keywork.calendar import Block, SchoolCalendar
from keywork.dates import day_in_full, number_of_days
from students.stays import Stay, came_back_on, stay_on

from .sessions import CATCH_UP_DAYS


def problem_with_day(on: date, *, latest: date, stays: Sequence[Stay], known_as: str, today: date) -> str:
    """Why an entry cannot be dated `on`, or "". `latest` is the day it was, or is being, written down.

    `stays` on roll, oldest first; those before the one the day is nearest to may be left out.
    """
    if on > latest:
        if latest == today:
            return "Choose a date that is today or earlier"
        return f"Choose {day_in_full(latest, today)}, the day it was written down, or earlier"
    stay = stay_on(stays, on)
    if on < stay.joined_on:
        return f"{known_as} joined on {day_in_full(stay.joined_on, today)}. Choose that day or later"
    if stay.left_on is not None and on > stay.left_on:
        left = f"{known_as} left on {day_in_full(stay.left_on, today)}"
        if back_on := came_back_on(stays, on):
            return f"{left} and came back on {day_in_full(back_on, today)}. Choose a day at school"
        return f"{left}. Choose that day or earlier"
    return ""


def late_note(
    days_late: int, *, needs_approval: bool, approved: bool, late_log_days: int, changed: bool = False
) -> str:
    """What the timeline says of an entry written down, or made to count, late; "" for one that was not (C10)."""
    what = "Changed" if changed else "Logged"
    if needs_approval and not approved:
        return f"{what} {number_of_days(days_late)} later, waiting for approval"
    return f"{what} {number_of_days(days_late)} later" if days_late > late_log_days else ""


def catch_up_block(on: date, calendar: SchoolCalendar) -> Block | None:
    """The half-term a session on this day may make up for: in a holiday, within 14 days of its end (H6)."""
    if calendar.block_on(on) is not None:
        return None
    block = calendar.block_before(on)
    if block is None or on > block.ends_on + timedelta(days=CATCH_UP_DAYS):
        return None
    return block
