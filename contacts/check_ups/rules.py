"""When a round of the check-up begins and ends, who is asked in it, and when whoever is silent hears once more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

from keywork.calendar import SchoolCalendar, Span

WEEK: Final = 7
REMINDED_ON_PUPIL_DAY: Final = 3  # of the round, its first day among them


class Colleague(NamedTuple):
    """Somebody who works with the student on the day a round begins; `away` are the days of an absence of that day."""

    user_id: int
    is_written_to: bool = True
    is_family: bool = False
    away: Span | None = None


def next_from(began_on: date, interval: int | None) -> date:
    """The first day on which the round after this one may begin; where nothing begins by itself, a week later.

    An interval of a week or more keeps to the Monday nearest to it: a round that began on the Tuesday after a bank
    holiday is followed on a Monday, and one that somebody began on a Thursday not four days later.
    """
    usual = began_on + timedelta(days=interval or WEEK)
    if (interval or WEEK) < WEEK:
        return usual
    since_monday = usual.weekday()
    return usual - timedelta(days=since_monday if since_monday <= 2 else since_monday - WEEK)


def is_due(as_of: date, last_began_on: date | None, interval: int | None, calendar: SchoolCalendar) -> bool:
    """Whether a round begins by itself on this day: a pupil day, so that nobody is asked in a closure."""
    if interval is None or not calendar.is_pupil_day(as_of):
        return False
    return last_began_on is None or as_of >= next_from(last_began_on, interval)


def closes_on(began_on: date, interval: int | None) -> date:
    """The last day on which a round is answered: none is open when the next begins."""
    return next_from(began_on, interval) - timedelta(days=1)


def reminds_on(began_on: date, ends_on: date, calendar: SchoolCalendar) -> date | None:
    """The one day on which whoever is silent hears again; None where the round has no such pupil day."""
    day = calendar.nth_pupil_day(began_on, REMINDED_ON_PUPIL_DAY)
    return day if day is not None and day <= ends_on else None


def asked(colleagues: Iterable[Colleague], keyworkers: Iterable[int], ends_on: date) -> list[int]:
    """Whom a round asks, each once: not those it is for, the student's family, or who is away until it is over."""
    not_asked = set(keyworkers)
    found: dict[int, None] = {}
    for one in colleagues:
        is_away = one.away is not None and one.away[1] >= ends_on
        if one.is_written_to and not one.is_family and not is_away and one.user_id not in not_asked:
            found[one.user_id] = None
    return list(found)
