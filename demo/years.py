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


def first_day(year: int) -> date:
    """Of the academic year beginning in `year`."""
    return date.fromisoformat(_YEARS[str(year)]["half-terms"][0][0])


def example_year(year: int) -> dict[str, Any]:
    """One academic year as `keywork.actions.school.load_calendar` takes it."""
    slug, made = f"{year}-{(year + 1) % 100:02d}", _YEARS[str(year)]
    halves = [
        {"id": f"{slug}-{season}-{number}", "name": f"{season.capitalize()} {number}"}
        for season in ("autumn", "spring", "summer")
        for number in (1, 2)
    ]
    for half, (first, last) in zip(halves, made["half-terms"], strict=True):
        half |= {"starts_on": first, "ends_on": last}
    return {
        "id": slug,
        "academic_year_starts_on": f"{year}-09-01",
        "academic_year_ends_on": f"{year + 1}-08-31",
        "status": "example",
        "source": "EXAMPLE. By the regional rule: first Monday of September, 195 school days.",
        "terms": [
            {"id": one["id"][:-2], "half_terms": [one, other]}
            for one, other in zip(halves[::2], halves[1::2], strict=True)
        ],
        "inset_days": [{"date": day, "note": "example"} for day in made["insets"]],
    }


def missing_years(known: set[str], first: date, last: date) -> list[dict[str, Any]]:
    """The academic years from that of `first` to the one after that of `last` whose slug is not known."""
    wanted = range(academic_year(first), academic_year(last) + 2)
    return [made for made in map(example_year, wanted) if made["id"] not in known]
