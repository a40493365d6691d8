"""What follows from a student's dates."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from students import rules
from tests.rules.helpers import d

BORN = [
    ("31 Aug 2011", 2025, "10"),
    ("1 Sep 2011", 2025, "9"),
    ("31 Aug 2021", 2025, "R"),
    ("1 Sep 2021", 2025, "N2"),
    ("1 Sep 2007", 2025, "13"),
    ("1 Sep 2006", 2025, "14"),
    ("28 Feb 2014", 2026, "8"),
]


@pytest.mark.parametrize(("born", "year", "expected"), BORN)
def test_chronological_year(born, year, expected):
    assert rules.chronological_year(d(born), year) == expected


def test_too_young_and_too_old_for_a_year_group():
    assert rules.chronological_year(d("1 Sep 2023"), 2025) is None
    assert rules.chronological_year(d("31 Aug 2023"), 2025) == "N1"
    assert rules.chronological_year(d("31 Aug 2006"), 2025) is None


@pytest.mark.parametrize(
    ("day", "year"),
    [("31 Aug 2025", 2024), ("1 Sep 2025", 2025), ("1 Jan 2026", 2025), ("31 Aug 2026", 2025)],
)
def test_academic_year_turns_on_1_september(day, year):
    assert rules.academic_year(d(day)) == year


@pytest.mark.parametrize(
    ("placed", "warns"),
    [("10", False), ("9", False), ("11", False), ("8", True), ("12", True), ("R", True), ("X", False)],
)
def test_a_placement_more_than_a_year_off_warns(placed, warns):
    assert rules.warns_of_year(placed, d("31 Aug 2011"), 2025) is warns


@pytest.mark.parametrize(
    ("joined", "last_day"),
    [("2 Sep 2025", "1 Sep 2026"), ("1 Mar 2025", "28 Feb 2026"), ("29 Feb 2024", "28 Feb 2025")],
)
def test_first_year(joined, last_day):
    assert rules.first_year_ends_on(d(joined)) == d(last_day)
    assert rules.in_first_year(d(joined), d(joined))
    assert rules.in_first_year(d(joined), d(last_day))
    assert not rules.in_first_year(d(joined), date.fromordinal(d(last_day).toordinal() + 1))
    assert not rules.in_first_year(d(joined), date.fromordinal(d(joined).toordinal() - 1))


@pytest.mark.parametrize(
    ("year_group", "day", "moves_on"),
    [
        ("11", "28 Feb 2026", None),
        ("11", "1 Mar 2026", "1 Sep 2026"),  # domain 5.6
        ("11", "31 Aug 2026", "1 Sep 2026"),
        ("11", "1 Sep 2026", None),
        ("10", "1 Mar 2026", None),
        ("12", "1 Mar 2026", None),
        ("X", "1 Mar 2026", None),
    ],
)
def test_the_last_six_months_before_sixth_form(year_group, day, moves_on):
    assert rules.before_sixth_form(year_group, d(day)) == (moves_on and d(moves_on))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("31 Jan 2026", 1, "1 Mar 2026"),
        ("31 Oct 2025", 1, "1 Dec 2025"),
        ("15 Dec 2025", 1, "15 Jan 2026"),
        ("1 Sep 2026", -6, "1 Mar 2026"),
        ("31 Dec 2025", 2, "1 Mar 2026"),
    ],
)
def test_adding_months(day, months, expected):
    assert rules.add_months(d(day), months) == d(expected)


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(2000, 2040))
def test_a_year_on_everyone_is_a_year_group_up(born, year):
    now, then = (rules.chronological_year(born, at) for at in (year, year + 1))

    if now is not None and then is not None:
        assert rules.years_apart(then, now) == 1
