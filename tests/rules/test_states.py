"""How an enquiry stands, as a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from enquiries import states

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
NOTHING = {"answered_at": None, "declined_at": None, "withdrawn_at": None, "expires_at": None, "tries": 0}


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, "waiting"),
        ({"expires_at": NOW + A_SECOND}, "waiting"),
        ({"expires_at": NOW}, "ended"),
        ({"expires_at": NOW - A_SECOND, "tries": 5}, "ended"),
        ({"expires_at": NOW + A_SECOND, "tries": 4}, "waiting"),
        ({"expires_at": NOW + A_SECOND, "tries": 5}, "closed"),
        ({"expires_at": NOW - A_SECOND, "answered_at": NOW}, "answered"),
        ({"declined_at": NOW, "tries": 5}, "declined"),
        ({"answered_at": NOW, "withdrawn_at": NOW}, "withdrawn"),
    ],
)
def test_state(facts, state):
    assert states.state_of(**NOTHING | facts, now=NOW) == state


@pytest.mark.parametrize(
    ("state", "asked_on", "reminded_on", "may"),
    [
        ("waiting", date(2026, 11, 22), None, True),
        ("waiting", date(2026, 11, 23), None, False),
        ("waiting", date(2026, 11, 2), date(2026, 11, 22), True),
        ("waiting", date(2026, 11, 2), date(2026, 11, 23), False),
        ("answered", date(2026, 11, 2), None, False),
        ("closed", date(2026, 11, 2), None, False),
    ],
)
def test_reminding_once_a_day(state, asked_on, reminded_on, may):
    assert states.may_remind(state, asked_on, reminded_on, date(2026, 11, 23)) is may


@pytest.mark.parametrize(
    ("state", "answer_by", "late"),
    [("waiting", 23, False), ("waiting", 22, True), ("ended", 22, True), ("answered", 22, False)],
)
def test_late_only_after_the_day(state, answer_by, late):
    assert states.is_late(state, date(2026, 11, answer_by), date(2026, 11, 23)) is late
