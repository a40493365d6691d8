"""Since when no figures were imported, and which source is followed."""

from __future__ import annotations

from datetime import date

import pytest

from students.weeks import Week, absent_since, absent_words, fullest

from .helpers import CALENDAR

JOINED = date(2025, 9, 2)


@pytest.mark.parametrize(
    ("last", "today", "joined_on", "absent"),
    [
        ("2025-11-14", "2025-11-19", JOINED, False),  # last week is here
        ("2025-11-07", "2025-11-17", JOINED, True),  # the whole week before this one is not
        ("2025-11-07", "2025-11-14", JOINED, False),  # the week is not over
        ("2025-10-24", "2025-11-05", JOINED, False),  # the half-term holiday is no week of school
        ("2025-12-19", "2026-01-07", JOINED, False),  # nor is Christmas
        (None, "2025-11-19", JOINED, True),
        (None, "2025-11-19", date(2025, 11, 17), False),  # was not here last week
        (None, "2025-09-03", JOINED, False),  # nothing is over yet
    ],
)
def test_a_whole_week_of_school_without_figures(last, today, joined_on, absent):
    day = date.fromisoformat(last) if last else None
    assert absent_since(day, joined_on, date.fromisoformat(today), CALENDAR) is absent


def test_it_is_said_with_the_day():
    today = date(2026, 11, 25)
    assert (
        absent_words("attendance", date(2026, 11, 6), today)
        == "No attendance has been imported since 6 November"
    )
    assert absent_words("points", None, today) == "No points have been imported yet"


def test_two_sources_are_never_added():
    weeks = [
        Week("MIS", date(2026, 11, 9), date(2026, 11, 13), 10, 9),
        Week("MIS", date(2026, 11, 16), date(2026, 11, 20), 10, 8),
        Week("Register", date(2026, 11, 16), date(2026, 11, 20), 10, 7),
    ]
    assert fullest(weeks) == Week("MIS", date(2026, 11, 9), date(2026, 11, 20), 20, 17)
    assert fullest([]) is None
