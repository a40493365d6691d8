"""Mentoring in a week: what counts, what the school's rules allow, and the load (domain 5.2, weekly presets)."""

from __future__ import annotations

from datetime import date, time

import pytest

from contacts import mentoring as rules
from contacts.mentoring import Booked, Load
from keywork.policy import Policy, presets

from .helpers import CALENDAR, d

BRECKLAND = next(one for one in presets().values() if one.session_window == "week")
OTHERS = next(one for one in presets().values() if one.session_window != "week")


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        ("4 Sep 2025", True),  # Tuesday to Friday: four pupil days
        ("23 Sep 2025", True),
        ("28 Oct 2025", False),  # half-term holiday
        ("7 Jan 2026", True),  # INSET on Monday: four
        ("24 Dec 2025", False),
    ],
)
def test_a_week_counts_where_it_has_three_pupil_days(day, counts):
    assert rules.is_window(d(day), CALENDAR) is counts


@pytest.mark.parametrize(
    ("days", "statuses", "count"),
    [
        (["22 Sep", "26 Sep"], ["planned", "attended"], 2),
        (["22 Sep", "26 Sep"], ["no_show", "attended"], 1),
        (["22 Sep", "26 Sep"], ["moved", "cancelled"], 0),
        (["21 Sep", "29 Sep"], ["attended", "attended"], 0),  # the Sunday before, the Monday after
        (["28 Sep"], ["attended"], 1),  # the Sunday of the week
    ],
)
def test_what_counts_in_a_week(days, statuses, count):
    slots = [Booked(d(f"{day} 2025"), 20, status) for day, status in zip(days, statuses, strict=True)]
    assert rules.load(slots, d("24 Sep 2025")).slots == count


@pytest.mark.parametrize(
    ("policy", "had", "refused"),
    [
        (BRECKLAND, 1, ""),
        (BRECKLAND, 2, "Mina has two that week already, the most that the school’s rules allow"),
        (OTHERS, 9, ""),  # no limit
        (
            Policy(session_max_per_week=1),
            1,
            "Mina has one that week already, the most that the school’s rules allow",
        ),
    ],
)
def test_a_week_takes_no_more_than_the_rules_allow(policy, had, refused):
    slots = [Booked(d("22 Sep 2025"), 20) for _ in range(had)]
    assert rules.too_many(slots, d("26 Sep 2025"), policy, "Mina") == refused
    assert rules.too_many(slots, d("29 Sep 2025"), policy, "Mina") == ""


@pytest.mark.parametrize(
    ("policy", "asked", "lengths"),
    [
        (BRECKLAND, "one or two a week", (20, 60)),
        (OTHERS, "", (20, 60)),
        (Policy(session_window="week", session_min_per_window=1), "at least one a week", (20, 60)),
        (
            Policy(session_window="week", session_max_per_week=1, session_lengths_minutes=(30,)),
            "one a week",
            (30,),
        ),
    ],
)
def test_what_the_rules_ask_for_and_offer(policy, asked, lengths):
    assert (rules.asked_for(policy), rules.lengths(policy)) == (asked, lengths)


@pytest.mark.parametrize(
    ("at", "minutes", "clashes"),
    [
        (time(10, 40), 20, True),
        (time(10, 20), 20, False),  # over when the other begins
        (time(10, 21), 20, True),
        (time(11, 40), 20, False),
        (time(11, 39), 20, True),
        (None, 20, False),
    ],
)
def test_nobody_is_in_two_places(at, minutes, clashes):
    day = date(2025, 9, 24)
    others = [Booked(day, 60, at=time(10, 40)), Booked(day, 60, "moved", time(9)), Booked(day, 20)]
    assert (rules.clash(others, Booked(day, minutes, at=at)) is not None) is clashes


@pytest.mark.parametrize(
    ("slots", "load", "words"),
    [
        ([], Load(0, 0), ""),
        ([Booked(d("22 Sep 2025"), 20)], Load(1, 20), "1 slot, 20 minutes"),
        (
            [
                Booked(d("22 Sep 2025"), 20),
                Booked(d("23 Sep 2025"), 60, "attended"),
                Booked(d("24 Sep 2025"), 20, "no_show"),
            ],
            Load(2, 80),
            "2 slots, 1 hour 20 minutes",
        ),
        ([Booked(d("22 Sep 2025"), 60), Booked(d("29 Sep 2025"), 60)], Load(1, 60), "1 slot, 1 hour"),
    ],
)
def test_the_load_of_a_week(slots, load, words):
    found = rules.load(slots, d("24 Sep 2025"))
    assert (found, found.words) == (load, words)


def test_when_students_may_drop_in():
    assert rules.offered_times(BRECKLAND) == ["morning_break", "lunch", "after_school"]
    assert rules.time_words("after_school", BRECKLAND) == "after school, from 3.15 pm to 3.30 pm"
    assert not rules.is_always_open(BRECKLAND)
    assert any(rules.is_always_open(one) for one in presets().values())
    assert rules.offered_times(Policy()) == []
