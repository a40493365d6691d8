"""Civil dates in London, and how dates are said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork import dates
from tests.rules.helpers import d

LONDON_DATES = [
    ("2026-06-10T22:59:59Z", "10 Jun 2026"),
    ("2026-06-10T23:15:00Z", "11 Jun 2026"),
    ("2026-01-10T23:59:59Z", "10 Jan 2026"),
    ("2025-10-26T00:30:00Z", "26 Oct 2025"),
    ("2025-10-26T01:30:00Z", "26 Oct 2025"),
    ("2025-10-25T23:30:00Z", "26 Oct 2025"),
    ("2026-03-29T00:59:59Z", "29 Mar 2026"),
    ("2026-03-29T23:30:00Z", "30 Mar 2026"),
]
OVERDUE_FROM = [
    ("23 Sep 2025", "2025-09-23T23:00:00Z"),
    ("25 Oct 2025", "2025-10-25T23:00:00Z"),
    ("26 Oct 2025", "2025-10-27T00:00:00Z"),
    ("28 Mar 2026", "2026-03-29T00:00:00Z"),
    ("29 Mar 2026", "2026-03-29T23:00:00Z"),
    ("3 Apr 2026", "2026-04-03T23:00:00Z"),
    ("26 Dec 2026", "2026-12-27T00:00:00Z"),
]


@pytest.mark.parametrize(("instant", "day"), LONDON_DATES)
def test_london_date(instant, day):
    assert dates.london_date(datetime.fromisoformat(instant)) == d(day)


@pytest.mark.parametrize(("due", "instant"), OVERDUE_FROM)
def test_overdue_from(due, instant):
    found = dates.overdue_from(d(due))

    assert found == datetime.fromisoformat(instant)
    assert found.tzinfo is UTC


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_whole_day_is_in_time(day):
    begins = dates.overdue_from(day)

    assert dates.london_date(begins) == day + timedelta(days=1)
    assert dates.london_date(begins - timedelta(microseconds=1)) == day


def test_a_naive_instant_has_no_london_date():
    with pytest.raises(ValueError, match="without a time zone"):
        dates.london_date(datetime(2026, 6, 10, 12))


def test_days_in_words():
    today = d("23 Nov 2026")

    assert dates.day_in_full(d("26 Nov 2026"), today) == "Thursday 26 November"
    assert dates.day_in_full(d("4 Jan 2027"), today) == "Monday 4 January 2027"
    assert dates.day_in_full(d("26 Nov 2026")) == "Thursday 26 November 2026"
    assert dates.day_short(d("1 Nov 2026"), today) == "1 November"
    assert dates.day_short(d("1 Nov 2026")) == "1 November 2026"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("20 Nov 2026", "3 days ago"),
        ("22 Nov 2026", "yesterday"),
        ("23 Nov 2026", "today"),
        ("24 Nov 2026", "tomorrow"),
        ("26 Nov 2026", "in 3 days"),
    ],
)
def test_how_far_away_a_day_is(day, words):
    assert dates.days_from_today(d(day), d("23 Nov 2026")) == words


def test_counts():
    assert [dates.number_of_days(count) for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


def test_an_academic_year_reads_like_the_names_of_its_terms():
    assert dates.academic_year("2026-27") == "2026/27"
