"""What makes a contact count, and from when."""

from __future__ import annotations

import pytest

from contacts import clock as clocks
from keywork.policy import Policy
from tests.rules.helpers import d

COUNT = Policy()


@pytest.mark.parametrize(
    ("reached", "channel", "expected"),
    [
        ("spoke", "phone", "two_way"),
        ("replied", "email", "two_way"),
        ("message", "phone", "voicemail"),
        ("message", "video", "voicemail"),
        ("message", "text", "delivered"),
        ("message", "email", "delivered"),
        ("message", "letter", "delivered"),
        ("message", "planner", "delivered"),
        ("message", "postcard", "delivered"),
        ("no_answer", "phone", "no_answer"),
        ("failed", "email", "failed"),
    ],
)
def test_outcomes(reached, channel, expected):
    assert clocks.outcome(reached, channel) == expected


def test_an_unknown_ending_is_refused():
    with pytest.raises(ValueError, match="shouted is not a way"):
        clocks.outcome("shouted", "phone")


@pytest.mark.parametrize(
    ("outcome", "channel", "marked", "policy", "expected"),
    [
        ("two_way", "phone", True, COUNT, True),
        ("two_way", "phone", False, COUNT, False),
        ("delivered", "text", True, COUNT, True),
        ("delivered", "text", True, Policy(contact_one_way_counts=False), False),
        ("delivered", "letter", True, COUNT, False),
        ("delivered", "letter", True, Policy(contact_channels=("letter",)), True),
        ("two_way", "phone", True, Policy(contact_channels=("email",)), False),
        ("two_way", "meeting", True, Policy(contact_channels=("email",)), True),
        ("two_way", "video", True, Policy(contact_channels=()), True),
        ("voicemail", "phone", True, COUNT, False),
        ("voicemail", "phone", True, Policy(contact_voicemail_counts=True), True),
        ("no_answer", "phone", True, Policy(contact_voicemail_counts=True), False),
        ("failed", "email", True, COUNT, False),
    ],
)
def test_what_qualifies(outcome, channel, marked, policy, expected):
    assert clocks.qualifies(outcome, channel, marked, policy) is expected


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        ("22 Sep 2025", "no"),
        ("25 Sep 2025", "no"),
        ("26 Sep 2025", "flag"),
        ("2 Oct 2025", "flag"),
        ("6 Oct 2025", "flag"),
        ("7 Oct 2025", "needs_approval"),
        ("10 Oct 2025", "needs_approval"),
    ],
)
def test_logged_late(logged, expected):
    assert clocks.late(d("22 Sep 2025"), d(logged), COUNT) == expected
