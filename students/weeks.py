"""Weeks of figures that were imported: which source to follow, and since when there are none.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from keywork.calendar import SchoolCalendar
from keywork.dates import day_short
from keywork.grouped import grouped


class Week(NamedTuple):
    """One week of one source: sessions possible and attended, or points for achievement and behaviour."""

    source: str
    starts_on: date
    ends_on: date
    one: int
    other: int


def fullest(weeks: Iterable[Week]) -> Week | None:
    """The weeks of the source that has the most of them, added up. Two sources are never added: they count the same."""
    found = grouped(weeks, lambda week: week.source)
    if not found:
        return None
    source, its = max(
        found.items(), key=lambda pair: (len(pair[1]), sum(week.one for week in pair[1]), pair[0])
    )
    return Week(
        source,
        min(week.starts_on for week in its),
        max(week.ends_on for week in its),
        sum(week.one for week in its),
        sum(week.other for week in its),
    )


def last_whole_week(today: date, calendar: SchoolCalendar) -> date | None:
    """The Monday of the last week that is over and had a pupil day; None where there is none in the calendar."""
    monday = today - timedelta(days=today.weekday() + 7)
    day = calendar.last_pupil_day_on_or_before(monday + timedelta(days=6))
    return day - timedelta(days=day.weekday()) if day else None


def absent_since(last: date | None, joined_on: date, today: date, calendar: SchoolCalendar) -> bool:
    """Whether a whole week of school has passed of which nothing was imported, for who was here in it."""
    expected = last_whole_week(today, calendar)
    if expected is None or joined_on > expected + timedelta(days=6):
        return False
    return last is None or last < expected


def absent_words(what: str, last: date | None, today: date) -> str:
    """ "No attendance has been imported since 6 November": `last` is the last day of which there is some."""
    verb = "has" if what == "attendance" else "have"
    return f"No {what} {verb} been imported {f'since {day_short(last, today)}' if last else 'yet'}"
