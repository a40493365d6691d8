"""Who is suggested for a post, and why (domain 5.3): somebody the student knows, then who has most room, pro rata."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from keywork.caseload import How, Suggested, Tie, Wanted, Worker, days_in_words, own_cap, suggest

ADA, BEN, CAL, DOT = 1, 2, 3, 4
STUDENT = 100
DAY, LATER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("cap", "days", "expected"),
    [(5, "5", 5), (5, "3", 3), (5, "2.5", 2), (5, "0.5", 1), (4, "4", 3), (1, "1", 1), (None, "2", None)],
)
def test_part_of_the_week_is_part_of_the_limit(cap, days, expected):
    assert own_cap(cap, Decimal(days)) == expected


def test_days_in_words():
    assert [days_in_words(Decimal(days)) for days in ("3.0", "2.5", "1")] == [
        "3 days a week",
        "2.5 days a week",
        "1 day a week",
    ]


def tie(user: int, how: How, day: date = DAY) -> Tie:
    return Tie(STUDENT, user, how, day)


# What is known, how many each has, and what is suggested as the keyworker of one student.
CASES = {
    "the deputy before all others": (
        [tie(CAL, How.CORE), tie(BEN, How.BEFORE), tie(ADA, How.DEPUTY)],
        {},
        {},
        Suggested(ADA, How.DEPUTY, DAY),
    ),
    "the keyworker before, where the deputy is full": (
        [tie(ADA, How.DEPUTY), tie(BEN, How.BEFORE), tie(CAL, How.MENTOR)],
        {ADA: 5},
        {},
        Suggested(BEN, How.BEFORE, DAY),
    ),
    "the last of two keyworkers before": (
        [tie(CAL, How.BEFORE, LATER), tie(BEN, How.BEFORE)],
        {},
        {},
        Suggested(CAL, How.BEFORE, LATER),
    ),
    "the mentor before the core team": (
        [tie(BEN, How.CORE), tie(CAL, How.MENTOR)],
        {},
        {},
        Suggested(CAL, How.MENTOR, DAY),
    ),
    "nobody known: who has most room": ([], {ADA: 4, BEN: 2, CAL: 3}, {}, Suggested(BEN, How.ROOM)),
    "of equals the first": ([], {ADA: 2, BEN: 2, CAL: 2}, {}, Suggested(ADA, How.ROOM)),
    "part-time pro rata: one of three is more room than three of five": (
        [],
        {ADA: 3, BEN: 3, CAL: 1},
        {CAL: "3"},
        Suggested(CAL, How.ROOM),
    ),
    "part-time pro rata: two of three is less room than three of five": (
        [],
        {ADA: 3, BEN: 3, CAL: 2},
        {CAL: "3"},
        Suggested(ADA, How.ROOM),
    ),
    "somebody known above their part of the limit is not asked": (
        [tie(CAL, How.DEPUTY)],
        {CAL: 3, ADA: 4, BEN: 4},
        {CAL: "3"},
        Suggested(ADA, How.ROOM),
    ),
    "nobody has room": ([tie(ADA, How.DEPUTY)], {ADA: 5, BEN: 5, CAL: 5}, {}, Suggested(None, How.NOBODY)),
}


def asked(ties, loads, days, *, cap=5, wanted=(Wanted(1, STUDENT, "keyworker"),), **barred):
    share = {user: Decimal(days.get(user, "5")) for user in (ADA, BEN, CAL)}
    workers = [Worker(user, part) for user, part in share.items()]
    return suggest(
        wanted,
        ties,
        {"keyworker": workers, "deputy": workers, "mentor": workers},
        {"keyworker": loads},
        {user: own_cap(cap, part) for user, part in share.items()},
        **barred,
    )


@pytest.mark.parametrize(("ties", "loads", "days", "expected"), CASES.values(), ids=CASES)
def test_continuity_then_load_within_the_limit(ties, loads, days, expected):
    assert asked(ties, loads, days)[1] == expected


@pytest.mark.parametrize("barred", [{"never": {ADA}}, {"family": {(STUDENT, ADA)}}])
def test_nobody_away_and_nobody_of_the_family(barred):
    assert asked([tie(ADA, How.DEPUTY)], {BEN: 1}, {}, **barred)[1] == Suggested(CAL, How.ROOM)


def test_without_a_limit_who_has_fewest():
    assert asked([], {ADA: 9, BEN: 8, CAL: 12}, {}, cap=None)[1].user == BEN


def test_what_is_suggested_counts_for_the_next():
    wanted = [Wanted(number, STUDENT + number, "keyworker") for number in range(4)]
    found = asked([], {ADA: 4, BEN: 4, CAL: 3}, {}, wanted=wanted)
    assert [found[number].user for number in range(4)] == [CAL, ADA, BEN, CAL]
    assert asked([], {ADA: 5, BEN: 5, CAL: 4}, {}, wanted=wanted)[1] == Suggested(None, How.NOBODY)


@pytest.mark.parametrize("keyworkers", [{}, {"keyworkers": {(STUDENT, BEN)}}])
def test_nobody_is_keyworker_and_deputy_of_one_student(keyworkers):
    wanted = (Wanted(1, STUDENT, "deputy"), Wanted(2, STUDENT, "keyworker"))
    found = asked([tie(ADA, How.DEPUTY)], {}, {}, wanted=wanted, **keyworkers)
    assert found[2].user == ADA
    assert found[1] == Suggested(CAL if keyworkers else BEN, How.ROOM)
