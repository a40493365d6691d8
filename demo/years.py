"""Academic years beyond the shipped calendar, made by the rule it follows, in the shape of its fixture.

The regional rule: the year starts on the first Monday of September and has 195 school days, five of them for
staff alone. Holiday weeks are placed where the shipped years have them. Pure.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import holidays

from students.rules import academic_year

SCHOOL_DAYS = 195
_DAY = timedelta(days=1)
_MONDAY, _FRIDAY = 0, 4


@cache
def _bank_holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year))


def easter(year: int) -> date:
    """Easter Sunday."""
    return next(day for day, name in _bank_holidays(year).items() if "Easter Monday" in name) - _DAY


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _on_or_before(day: date, weekday: int) -> date:
    return day - timedelta(days=(day.weekday() - weekday) % 7)


def _next_school_day(day: date) -> date:
    while day.weekday() > _FRIDAY or day in _bank_holidays(day.year):
        day += _DAY
    return day


def blocks(year: int) -> list[tuple[date, date]]:
    """First and last school day of the six half-terms of the academic year beginning in `year`."""
    following = year + 1
    starts = _on_or_after(date(year, 9, 1), _MONDAY)
    half_term = _on_or_after(date(year, 10, 25), _MONDAY)
    christmas = _on_or_before(date(year, 12, 23), _FRIDAY)
    spring = _next_school_day(christmas + 17 * _DAY)
    february = _on_or_before(spring + 35 * _DAY, _MONDAY) + 4 * _DAY
    sunday = easter(following)
    # An early Easter falls inside the two weeks, a later one ends them.
    early = sunday < date(following, 4, 4)
    spring_ends, summer = (
        (sunday - 3 * _DAY, sunday + 15 * _DAY) if early else (sunday - 9 * _DAY, sunday + 8 * _DAY)
    )
    may = _on_or_before(date(following, 5, 31), _MONDAY)
    found = [
        (starts, half_term - 3 * _DAY),
        (half_term + 7 * _DAY, christmas),
        (spring, february),
        (february + 10 * _DAY, spring_ends),
        (summer, may - 3 * _DAY),
    ]
    last = may + 7 * _DAY
    left = SCHOOL_DAYS - sum(_school_days(first, end) for first, end in found)
    found.append((last, _nth_school_day(last, left)))
    return found


def _school_days(first: date, last: date) -> int:
    days = (first + number * _DAY for number in range((last - first).days + 1))
    return sum(day.weekday() <= _FRIDAY and day not in _bank_holidays(day.year) for day in days)


def _nth_school_day(first: date, number: int) -> date:
    day = _next_school_day(first)
    for _ in range(number - 1):
        day = _next_school_day(day + _DAY)
    return day


def example_year(year: int) -> dict[str, Any]:
    """One academic year as `keywork.actions.school.load_calendar` takes it."""
    slug = f"{year}-{(year + 1) % 100:02d}"
    terms: list[dict[str, Any]] = []
    found = blocks(year)
    for place, (first, last) in enumerate(found):
        season, number = ("autumn", "spring", "summer")[place // 2], place % 2 + 1
        if number == 1:
            terms.append({"id": f"{slug}-{season}", "half_terms": []})
        terms[-1]["half_terms"].append(
            {
                "id": f"{slug}-{season}-{number}",
                "name": f"{season.capitalize()} {number}",
                "starts_on": first.isoformat(),
                "ends_on": last.isoformat(),
            }
        )
    insets = (
        found[0][0],
        _on_or_before(date(year, 11, 28), _FRIDAY),
        found[2][0],
        _on_or_before(date(year + 1, 6, 26), _FRIDAY),
        found[5][1],
    )
    return {
        "id": slug,
        "academic_year_starts_on": f"{year}-09-01",
        "academic_year_ends_on": f"{year + 1}-08-31",
        "status": "example",
        "source": "EXAMPLE. By the regional rule: first Monday of September, 195 school days.",
        "terms": terms,
        "inset_days": [{"date": day.isoformat(), "note": "example"} for day in insets],
    }


def missing_years(known: set[str], first: date, last: date) -> list[dict[str, Any]]:
    """The academic years from that of `first` to the one after that of `last` whose slug is not known."""
    wanted = range(academic_year(first), academic_year(last) + 2)
    return [made for made in map(example_year, wanted) if made["id"] not in known]
