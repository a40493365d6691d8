"""Academic years beyond the shipped calendar, in the shape of its fixture: `texts/years.json`, by the rule it follows.

The regional rule: the year starts on the first Monday of September and has 195 school days, five of them for
staff alone. Holiday weeks are placed where the shipped years have them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from students.rules import academic_year

from .words import texts

_YEARS = texts("years")


def example_year(year: int) -> dict[str, Any]:
    """One academic year as `keywork.actions.school.load_calendar` takes it."""
    return dict(_YEARS[str(year)])


def first_day(year: int) -> date:
    return date.fromisoformat(_YEARS[str(year)]["terms"][0]["half_terms"][0]["starts_on"])


def missing_years(known: set[str], first: date, last: date) -> list[dict[str, Any]]:
    """The academic years from that of `first` to the one after that of `last` whose slug is not known."""
    wanted = range(academic_year(first), academic_year(last) + 2)
    return [made for made in map(example_year, wanted) if made["id"] not in known]
