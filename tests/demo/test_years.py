"""Example academic years follow the same rule as the shipped ones."""

from __future__ import annotations

import json
from datetime import date

import pytest

from demo.years import example_year, missing_years
from keywork.actions.school import FIXTURES
from tests.rules.helpers import calendar_of

SHIPPED = {
    year["id"]: year for year in json.loads((FIXTURES / "calendar.json").read_text())["academic_years"]
}


def spans(year):
    return [
        (half["id"], half["name"], half["starts_on"], half["ends_on"])
        for term in year["terms"]
        for half in term["half_terms"]
    ]


@pytest.mark.parametrize("year", [2025, 2026])
def test_rule_gives_the_shipped_year(year):
    shipped, made = SHIPPED[f"{year}-{year - 1999}"], example_year(year)
    assert spans(made) == spans(shipped) and [term["id"] for term in made["terms"]] == [
        term["id"] for term in shipped["terms"]
    ]
    assert [day["date"] for day in made["inset_days"]] == [day["date"] for day in shipped["inset_days"]]


@pytest.mark.parametrize("year", range(2015, 2040))
def test_every_year_has_190_pupil_days(year):
    made = example_year(year)
    banks = [{"date": day} for day in bank_holidays(year)]
    calendar = calendar_of({"academic_years": [made], "bank_holidays": banks})
    assert len(calendar.blocks) == 6
    assert calendar.pupil_days(date(year, 9, 1), date(year + 1, 8, 31)) == 190


def bank_holidays(year):
    import holidays

    return [day.isoformat() for day in holidays.country_holidays("GB", subdiv="ENG", years=(year, year + 1))]


def test_only_what_is_missing_and_one_year_ahead():
    made = missing_years({"2025-26", "2026-27", "2027-28"}, date(2021, 9, 6), date(2026, 11, 23))
    assert [year["id"] for year in made] == ["2021-22", "2022-23", "2023-24", "2024-25"]
    assert [year["id"] for year in missing_years(set(), date(2029, 9, 3), date(2030, 3, 6))] == [
        "2029-30",
        "2030-31",
    ]
