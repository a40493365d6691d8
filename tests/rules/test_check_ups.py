"""The check-up with teachers: when a round begins and ends, who is asked, who hears once more."""

from __future__ import annotations

import pytest

from contacts.check_ups import rules
from contacts.check_ups.rules import Colleague
from tests.rules.helpers import CALENDAR, calendar_closed, d, span

# The autumn of 2025: half-term from Saturday 25 October to Sunday 2 November, Christmas from 20 December to 4 January.


@pytest.mark.parametrize(
    ("last", "interval", "on", "due"),
    [
        ("10 Nov 2025", 7, "16 Nov 2025", False),  # a Sunday, and too early
        ("10 Nov 2025", 7, "17 Nov 2025", True),
        ("10 Nov 2025", 7, "19 Nov 2025", True),  # a day on which nothing ran is caught up
        ("11 Nov 2025", 7, "17 Nov 2025", True),  # begun on a Tuesday: on Monday again
        ("13 Nov 2025", 7, "17 Nov 2025", False),  # begun by hand on a Thursday: not four days later
        ("13 Nov 2025", 7, "24 Nov 2025", True),
        ("10 Nov 2025", 14, "17 Nov 2025", False),
        ("10 Nov 2025", 14, "24 Nov 2025", True),
        ("11 Nov 2025", 3, "13 Nov 2025", False),
        ("11 Nov 2025", 3, "14 Nov 2025", True),
        ("20 Oct 2025", 7, "27 Oct 2025", False),  # half-term
        ("20 Oct 2025", 7, "3 Nov 2025", True),
        ("15 Dec 2025", 7, "22 Dec 2025", False),  # Christmas
        (None, 7, "12 Nov 2025", True),  # never asked
        (None, 7, "15 Nov 2025", False),  # a Saturday
        ("10 Nov 2025", None, "17 Nov 2025", False),  # the school asks nobody by itself
        (None, None, "17 Nov 2025", False),
    ],
)
def test_when_a_round_is_due(last, interval, on, due):
    assert rules.is_due(d(on), last and d(last), interval, CALENDAR) is due


def test_a_snow_day_puts_it_off_to_the_next_school_day():
    snow = calendar_closed(span("17 Nov 2025 to 18 Nov 2025"))
    days = ["17 Nov 2025", "18 Nov 2025", "19 Nov 2025"]
    assert [rules.is_due(d(day), d("10 Nov 2025"), 7, snow) for day in days] == [False, False, True]


@pytest.mark.parametrize(
    ("began", "interval", "ends", "reminded"),
    [
        ("10 Nov 2025", 7, "16 Nov 2025", "12 Nov 2025"),
        ("11 Nov 2025", 7, "16 Nov 2025", "13 Nov 2025"),
        ("13 Nov 2025", 7, "23 Nov 2025", "17 Nov 2025"),
        ("10 Nov 2025", 14, "23 Nov 2025", "12 Nov 2025"),
        ("10 Nov 2025", None, "16 Nov 2025", "12 Nov 2025"),
        ("10 Nov 2025", 2, "11 Nov 2025", None),  # over before anybody would be reminded
        ("19 Dec 2025", 7, "28 Dec 2025", None),  # no school day of it is left
        ("23 Oct 2025", 7, "2 Nov 2025", None),
    ],
)
def test_how_long_a_round_is_open_and_when_the_silent_are_reminded(began, interval, ends, reminded):
    assert rules.closes_on(d(began), interval) == d(ends)
    assert rules.reminds_on(d(began), d(ends), CALENDAR) == (reminded and d(reminded))


def test_no_round_is_open_when_the_next_begins():
    for interval in (1, 3, 7, 14, 28):
        for day in range(7):
            began = d("10 Nov 2025").replace(day=10 + day)
            assert began <= rules.closes_on(began, interval) < rules.next_from(began, interval)


def test_who_is_asked():
    ends = d("16 Nov 2025")
    colleagues = [
        Colleague(1),
        Colleague(2, is_written_to=False),
        Colleague(3, is_family=True),
        Colleague(4, away=span("10 Nov 2025 to 14 Nov 2025")),  # back before it is over
        Colleague(5, away=span("3 Nov 2025 to 16 Nov 2025")),
        Colleague(6),
        Colleague(1),
    ]
    assert rules.asked(colleagues, keyworkers=[6], ends_on=ends) == [1, 4]
