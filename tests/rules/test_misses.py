"""The class of a miss and whose it is; absences; other households."""

from __future__ import annotations

import pytest

from contacts import misses as rules
from contacts.home_contact import HomeFacts, LastContact, LoggedContact, evaluate
from keywork.policy import Policy
from tests.rules.helpers import CALENDAR, RuleSchool, d, span

START = d("2 Sep 2025")
COUNT = Policy()

ATTEMPTS = [
    ("23 Sep phone no_answer; 24 Sep phone voicemail; 26 Sep text failed", "attempted"),
    ("26 Sep phone no_answer; 26 Sep phone no_answer; 26 Sep email failed", "missed"),
    ("22 Sep phone no_answer; 24 Sep phone no_answer; 26 Sep phone voicemail", "missed"),
    ("24 Sep phone no_answer; 26 Sep email failed", "missed"),
    ("25 Sep phone no_answer; 26 Sep text failed; 29 Sep phone no_answer", "missed"),
]


def attempts(text: str) -> list[LoggedContact]:
    found = []
    for entry in text.split("; "):
        day, month, channel, outcome = entry.split()
        found.append(LoggedContact(d(f"{day} {month} 2025"), channel, outcome, True))
    return found


@pytest.mark.parametrize(("text", "expected"), ATTEMPTS, ids=[text for text, _ in ATTEMPTS])
def test_unanswered_attempts(text, expected):
    assert rules.miss_class(attempts(text), d("12 Sep 2025"), d("26 Sep 2025"), COUNT) == expected


def test_attempts_before_the_last_contact_and_contacts_themselves_are_no_attempts():
    one = attempts("12 Sep phone no_answer; 24 Sep phone voicemail; 26 Sep text failed")
    two = attempts("23 Sep text delivered; 24 Sep phone voicemail; 26 Sep text failed")

    for tried in (one, two):
        assert rules.miss_class(tried, d("12 Sep 2025"), d("26 Sep 2025"), COUNT) == "missed"


@pytest.mark.parametrize(
    ("due", "since", "expected"),
    [
        ("26 Sep 2025", "20 Sep 2025", "handover"),
        ("27 Sep 2025", "20 Sep 2025", "keyworker"),
        ("26 Sep 2025", None, "unassigned"),
        ("26 Sep 2025", "27 Sep 2025", "unassigned"),
    ],
)
def test_whose_miss_it_is(due, since, expected):
    assert rules.attribution(d(due), since and d(since), COUNT) == expected


# Absence


def test_absence_does_not_stop_the_clock_but_reminds_on_the_tenth_day():
    absent = [span("15 Sep 2025 to 26 Sep 2025")]
    facts = HomeFacts(START, None, LastContact(d("9 Sep 2025"), "two_way"))

    assert evaluate(facts, d("24 Sep 2025"), RuleSchool(COUNT)).status == "overdue"
    assert rules.long_absence_reminder(absent, CALENDAR, d("25 Sep 2025")) is None
    assert rules.long_absence_reminder(absent, CALENDAR, d("26 Sep 2025")) == d("26 Sep 2025")
    assert rules.long_absence_reminder(absent, CALENDAR, d("28 Sep 2025")) == d("26 Sep 2025")
    assert rules.long_absence_reminder(absent, CALENDAR, d("29 Sep 2025")) is None  # back in school


def test_days_out_of_school_do_not_break_a_row_of_absence_but_a_day_in_school_does():
    over_half_term = [span("20 Oct 2025 to 24 Oct 2025"), span("3 Nov 2025 to 30 Nov 2025")]
    broken = [span("15 Sep 2025 to 18 Sep 2025"), span("22 Sep 2025 to 30 Sep 2025")]

    assert rules.long_absence_reminder(over_half_term, CALENDAR, d("7 Nov 2025")) == d("7 Nov 2025")
    assert rules.long_absence_reminder(broken, CALENDAR, d("30 Sep 2025")) is None


def test_a_keyworker_away_across_a_due_date_alerts_the_deputy():
    leave = [span("22 Sep 2025 to 26 Sep 2025")]

    assert rules.deputy_alert_on(d("23 Sep 2025"), leave) == d("22 Sep 2025")
    assert rules.deputy_alert_on(d("29 Sep 2025"), leave) is None


@pytest.mark.parametrize(
    ("reached", "asked", "expected"),
    [
        (None, "13 Oct 2025", False),
        (None, "14 Oct 2025", True),
        ("1 Oct 2025", "14 Oct 2025", False),
        ("1 Oct 2025", "12 Nov 2025", True),
    ],
)
def test_households_not_reached_for_42_days(reached, asked, expected):
    assert rules.household_not_reached(reached and d(reached), START, d(asked)) is expected
