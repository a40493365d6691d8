"""When a list begins for a student, and by which day each point is due. Pure: no Django (domain 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from students.rules import add_months, before_sixth_form, first_year_ends_on

A_DAY = timedelta(days=1)
NEW_DAYS = 42  # how long after the first day a student still gets an induction
MOST_CLOSED_DAYS = 60  # how far back a school day is looked for


class Start(StrEnum):
    JOINED = "joined"
    FIRST_YEAR = "first_year"
    SIXTH_FORM = "before_sixth_form"
    LEAVING = "leaving"


@dataclass(frozen=True, slots=True)
class Stay:
    """What is known of a student."""

    joined_on: date
    left_on: date | None
    nc_year: str


def anchor(
    start: str,
    stay: Stay,
    as_of: date,
    lead_days: int,
    months: int = 12,
    last_year: int = 11,
    before: int = 6,
) -> date | None:
    """The day the points of a list are counted from, where it is to run on this day; None where it is not.

    `lead_days` is how long before that day it begins. Nothing begins for who has left.
    """
    if stay.left_on is not None and stay.left_on < as_of:
        return None
    begins = stay.joined_on - lead_days * A_DAY
    if start == Start.JOINED:
        return stay.joined_on if begins <= as_of <= stay.joined_on + NEW_DAYS * A_DAY else None
    if start == Start.FIRST_YEAR:
        return stay.joined_on if begins <= as_of <= first_year_ends_on(stay.joined_on, months) else None
    if start == Start.SIXTH_FORM and stay.joined_on <= as_of:
        moves_on = before_sixth_form(stay.nc_year, as_of, last_year, before)
        return add_months(moves_on, -before) if moves_on is not None else None
    if start == Start.LEAVING and stay.left_on is not None:
        return stay.left_on if as_of >= stay.left_on - lead_days * A_DAY else None
    return None


def due_on(anchor_on: date, days: int, is_school_day: Callable[[date], bool]) -> date:
    """So many days after the anchor, or before it; on the last school day by then."""
    wanted = anchor_on + days * A_DAY
    for back in range(MOST_CLOSED_DAYS):
        if is_school_day(wanted - back * A_DAY):
            return wanted - back * A_DAY
    return wanted
