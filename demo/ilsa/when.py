"""The rounds of the school: one in the second half of each autumn, and this year's, which is open now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from keywork.calendar import AcademicYear

from ..people import School, pupil_day

_DAY = timedelta(days=1)
OPEN_DAYS = 41  # whoever answers within it answers within one assessment
BEGAN_BEFORE = 20
RECENT = 2  # years back in which nearly everyone was asked


@dataclass(frozen=True, slots=True)
class Span:
    """One round, so many years `ago`. `is_now` when it is the year of today; `is_last` for the newest of those that are over."""

    year: AcademicYear
    opens_on: date
    closes_on: date
    is_now: bool
    is_last: bool
    ago: int


def spans(school: School) -> Iterator[Span]:
    """Oldest first: every academic year since the school went live that has begun."""
    begun = [year for year in school.calendar.years if school.live_on <= year.starts_on <= school.today]
    past = [year for year in begun if year.ends_on < school.today]
    for ago, year in zip(reversed(range(len(begun))), begun, strict=True):
        if year in past:
            opens_on = _second_block(school, year)
            closes_on = opens_on + OPEN_DAYS * _DAY
        else:
            opens_on = max(year.starts_on, pupil_day(school.calendar, school.today - BEGAN_BEFORE * _DAY))
            closes_on = max(school.today, min(opens_on + OPEN_DAYS * _DAY, year.ends_on))
        yield Span(year, opens_on, closes_on, year not in past, bool(past) and year == past[-1], ago)


def _second_block(school: School, year: AcademicYear) -> date:
    starts = [one.starts_on for one in school.calendar.blocks if year.starts_on < one.starts_on]
    return min((day for day in starts if day < year.ends_on), default=year.starts_on)
