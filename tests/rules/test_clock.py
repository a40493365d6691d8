"""The home-contact clock: the vectors of the rule book, then properties that must hold for any input."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import clock as clocks
from contacts.clock import Clock
from keywork.policy import Policy
from tests.rules.helpers import CALENDAR, calendars, d, days, holds, span

START = d("2 Sep 2025")
COUNT, PAUSE = Policy(), Policy(holiday_rule="pause")
WEEKLY = Policy(contact_interval_days=7)


def on(text: str, **clock) -> Clock:
    return Clock(**{"start_on": START, "last_contact_on": d(text), "joined_on": START, **clock})


def starting(text: str, joined: str | None = None) -> Clock:
    return Clock(start_on=d(text), joined_on=d(joined or text))


VECTORS = {
    "ordinary: due date itself is in time": (
        on("9 Sep 2025"),
        COUNT,
        "23 Sep 2025",
        "23 Sep 2025",
        "23 Sep 2025",
        "due_soon",
    ),
    "ordinary: the day after is overdue": (
        on("9 Sep 2025"),
        COUNT,
        "23 Sep 2025",
        "23 Sep 2025",
        "24 Sep 2025",
        "overdue",
    ),
    "new student mid-half-term": (
        starting("6 Oct 2025"),
        COUNT,
        "20 Oct 2025",
        "20 Oct 2025",
        "14 Oct 2025",
        "ok",
    ),
    "holidays counted: due date is a bank holiday and does not move": (
        on("12 Dec 2025"),
        COUNT,
        "26 Dec 2025",
        "19 Dec 2025",
        "24 Dec 2025",
        "due_soon",
    ),
    "holidays paused: Christmas": (
        on("12 Dec 2025"),
        PAUSE,
        "11 Jan 2026",
        "9 Jan 2026",
        "24 Dec 2025",
        "ok",
    ),
    "holidays counted: autumn half-term": (
        on("17 Oct 2025"),
        COUNT,
        "31 Oct 2025",
        "24 Oct 2025",
        "3 Nov 2025",
        "overdue",
    ),
    "holidays paused: autumn half-term": (
        on("17 Oct 2025"),
        PAUSE,
        "9 Nov 2025",
        "7 Nov 2025",
        "3 Nov 2025",
        "ok",
    ),
    "holidays paused: contact made in the holiday": (
        on("29 Dec 2025"),
        PAUSE,
        "18 Jan 2026",
        "16 Jan 2026",
        "12 Jan 2026",
        "ok",
    ),
    "holidays counted: summer": (
        on("10 Jul 2026"),
        COUNT,
        "24 Jul 2026",
        "17 Jul 2026",
        "25 Jul 2026",
        "overdue",
    ),
    "holidays paused: summer": (
        on("10 Jul 2026"),
        PAUSE,
        "10 Sep 2026",
        "10 Sep 2026",
        "25 Jul 2026",
        "ok",
    ),
    "clocks go forward inside the interval": (
        on("20 Mar 2026"),
        COUNT,
        "3 Apr 2026",
        "27 Mar 2026",
        "3 Apr 2026",
        "due_soon",
    ),
    "contact hold ordered by DSL, 7 days": (
        on("12 Sep 2025", holds=(span("20 Sep 2025 to 26 Sep 2025"),)),
        COUNT,
        "3 Oct 2025",
        "3 Oct 2025",
        "29 Sep 2025",
        "ok",
    ),
    "left before due: nothing owed": (
        on("13 Oct 2025", left_on=d("24 Oct 2025")),
        COUNT,
        "27 Oct 2025",
        "24 Oct 2025",
        "24 Oct 2025",
        "not_owed",
    ),
    "on roll since 2023, school went live 3 November 2025": (
        starting("3 Nov 2025", joined="4 Sep 2023"),
        COUNT,
        "17 Nov 2025",
        "17 Nov 2025",
        "10 Nov 2025",
        "ok",
    ),
    "weekly preset": (
        on("12 Sep 2025"),
        WEEKLY,
        "19 Sep 2025",
        "19 Sep 2025",
        "20 Sep 2025",
        "overdue",
    ),
}


@pytest.mark.parametrize(
    ("clock", "policy", "due", "by", "asked", "expected"), VECTORS.values(), ids=VECTORS.keys()
)
def test_clock(clock, policy, due, by, asked, expected):
    assert clocks.due_on(clock, policy, CALENDAR) == d(due)
    assert clocks.do_by(clock, d(due), CALENDAR) == d(by)
    assert clocks.status(clock, policy, CALENDAR, d(asked)) == expected
    assert clocks.reading(clock, policy, CALENDAR, d(asked)) == clocks.Reading(expected, d(due), d(by))


def test_the_clock_starts_on_the_latest_of_three_dates():
    joined, effective, live = d("4 Sep 2023"), d("1 Sep 2025"), d("3 Nov 2025")

    assert clocks.clock_start_on(joined, effective, live) == live
    assert clocks.clock_start_on(d("5 Nov 2025"), effective, live) == d("5 Nov 2025")
    assert clocks.clock_start_on(joined, d("1 Dec 2025"), live) == d("1 Dec 2025")
    assert clocks.clock_start_on(joined, None, None) == joined


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("19 Sep 2025", "ok"), ("20 Sep 2025", "due_soon"), ("23 Sep 2025", "due_soon")],
)
def test_amber_is_the_last_three_days(asked, expected):
    assert clocks.status(on("9 Sep 2025"), COUNT, CALENDAR, d(asked)) == expected


@pytest.mark.parametrize(
    ("left", "asked", "expected"),
    [
        ("23 Sep 2025", "20 Sep 2025", "not_owed"),
        ("22 Sep 2025", "23 Sep 2025", "none"),
        ("24 Sep 2025", "24 Sep 2025", "overdue"),
        ("24 Sep 2025", "25 Sep 2025", "none"),
        ("30 Sep 2025", "1 Sep 2025", "none"),
    ],
)
def test_leaving(left, asked, expected):
    clock = on("9 Sep 2025", left_on=d(left))

    assert clocks.status(clock, COUNT, CALENDAR, d(asked)) == expected


def test_do_by_is_empty_when_no_pupil_day_is_left_before_the_due_date():
    clock = on("19 Dec 2025")

    assert clocks.due_on(clock, COUNT, CALENDAR) == d("2 Jan 2026")
    assert clocks.do_by(clock, d("2 Jan 2026"), CALENDAR) is None


def test_a_contact_before_the_clock_starts_leaves_no_backlog():
    clock = Clock(start_on=d("3 Nov 2025"), last_contact_on=d("1 Sep 2025"))

    assert clocks.due_on(clock, COUNT, CALENDAR) == d("17 Nov 2025")


@pytest.mark.parametrize("policy", [Policy(contact_required=False), Policy(contact_interval_days=None)])
def test_without_a_clock_nothing_is_owed(policy):
    clock = on("9 Sep 2025")

    assert clocks.reading(clock, policy, CALENDAR, d("1 Dec 2025")) == clocks.Reading("none", None, None)


# What counts


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


def test_logged_late_changes_what_is_known_not_what_was_reported():
    """Previous contact 12 September; a call on the 22nd logged on 2 October (the rule book's example)."""

    def status_of_29_september(known_on: str, logged: str, approved: str | None = None) -> str:
        calls = [("12 Sep 2025", "12 Sep 2025", None), ("22 Sep 2025", logged, approved)]
        known = [
            d(on)
            for on, logged_on, approved_on in calls
            if clocks.counts_on(d(on), d(logged_on), approved_on and d(approved_on), None, d(known_on), COUNT)
        ]
        clock = Clock(start_on=START, last_contact_on=max(known))
        return clocks.status(clock, COUNT, CALENDAR, d("29 Sep 2025"))

    assert status_of_29_september("29 Sep 2025", "2 Oct 2025") == "overdue"
    assert status_of_29_september("2 Oct 2025", "2 Oct 2025") == "ok"
    assert status_of_29_september("10 Oct 2025", "10 Oct 2025") == "overdue"
    assert status_of_29_september("10 Oct 2025", "10 Oct 2025", "13 Oct 2025") == "overdue"
    assert status_of_29_september("13 Oct 2025", "10 Oct 2025", "13 Oct 2025") == "ok"


@pytest.mark.parametrize(
    ("voided", "known", "expected"),
    [
        (None, "30 Sep 2025", True),
        ("30 Sep 2025", "29 Sep 2025", True),
        ("30 Sep 2025", "30 Sep 2025", False),
    ],
)
def test_a_voided_contact_counts_until_the_day_it_was_voided(voided, known, expected):
    day = d("22 Sep 2025")

    assert clocks.counts_on(day, day, None, voided and d(voided), d(known), COUNT) is expected


def test_a_future_contact_does_not_count_yet():
    assert not clocks.counts_on(d("23 Sep 2025"), d("22 Sep 2025"), None, None, d("22 Sep 2025"), COUNT)


# Properties

policies = st.builds(
    Policy,
    contact_required=st.booleans(),
    contact_interval_days=st.one_of(st.none(), st.integers(4, 60)),
    holiday_rule=st.sampled_from(["count", "pause"]),
)
clocks_given = st.builds(
    Clock,
    start_on=days,
    last_contact_on=st.one_of(st.none(), days),
    left_on=st.one_of(st.none(), days),
    holds=holds,
)


@given(clocks_given, policies, calendars(), days)
def test_every_input_has_exactly_one_status_and_it_agrees_with_the_due_date(clock, policy, calendar, as_of):
    due = clocks.due_on(clock, policy, calendar)
    found = clocks.status(clock, policy, calendar, as_of)

    on_roll = clock.start_on <= as_of <= (clock.left_on or date.max)
    expected = {
        "none": due is None or not on_roll,
        "not_owed": due is not None and on_roll and clock.left_on is not None and due >= clock.left_on,
        "overdue": due is not None and on_roll and as_of > due,
        "due_soon": due is not None and on_roll and 0 <= (due - as_of).days <= 3,
        "ok": due is not None and on_roll and (due - as_of).days > 3,
    }
    if expected["not_owed"]:
        expected |= {"ok": False, "due_soon": False, "overdue": False}
    assert [status for status in clocks.STATUSES if expected[status]] == [found]


@given(st.lists(days, max_size=6), days, days, policies, calendars(), holds)
def test_another_contact_never_moves_the_due_date_back(contacts, extra, start, policy, calendar, held):
    before = Clock(start, max(contacts, default=None), holds=held)
    after = Clock(start, max([*contacts, extra]), holds=held)

    earlier, later = (clocks.due_on(clock, policy, calendar) for clock in (before, after))
    assert (earlier is None and later is None) or earlier <= later


@given(clocks_given, st.integers(4, 40), calendars())
def test_pausing_and_holds_never_shorten(clock, interval, calendar):
    count = Policy(contact_interval_days=interval)
    pause = Policy(contact_interval_days=interval, holiday_rule="pause")
    free = Clock(clock.start_on, clock.last_contact_on)

    assert clocks.due_on(clock, pause, calendar) >= clocks.due_on(clock, count, calendar)
    for policy in (count, pause):
        assert clocks.due_on(clock, policy, calendar) >= clocks.due_on(free, policy, calendar)


@given(clocks_given, policies, calendars())
def test_do_by_is_a_pupil_day_between_the_last_contact_and_the_due_date(clock, policy, calendar):
    due = clocks.due_on(clock, policy, calendar)
    by = clocks.do_by(clock, due, calendar)

    if by is not None:
        assert calendar.is_pupil_day(by)
        assert clock.runs_from <= by <= due
        assert by != clock.last_contact_on
        assert calendar.pupil_days(by + timedelta(days=1), due) == 0
