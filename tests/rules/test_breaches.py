"""Misses, their class and charge, absences, long closures and the figures of a period."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import breaches as rules
from contacts.breaches import Attempt
from contacts.clock import Clock, status
from keywork.policy import CheckInRule, Policy
from tests.rules.helpers import CALENDAR, calendars, d, days, holds, span

DAY = timedelta(days=1)
START = d("2 Sep 2025")
COUNT, PAUSE = Policy(), Policy(holiday_rule="pause")
CHECK_INS = Policy(holiday_rule="pause", long_closure_check_in=CheckInRule(14, 1))

ATTEMPTS = [
    ("23 Sep phone no_answer; 24 Sep phone voicemail; 26 Sep text failed", "attempted"),
    ("26 Sep phone no_answer; 26 Sep phone no_answer; 26 Sep email failed", "missed"),
    ("22 Sep phone no_answer; 24 Sep phone no_answer; 26 Sep phone voicemail", "missed"),
    ("24 Sep phone no_answer; 26 Sep email failed", "missed"),
    ("25 Sep phone no_answer; 26 Sep text failed; 29 Sep phone no_answer", "missed"),
]


def attempts(text: str) -> list[Attempt]:
    found = []
    for entry in text.split("; "):
        day, month, channel, outcome = entry.split()
        found.append(Attempt(d(f"{day} {month} 2025"), channel, outcome))
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
    assert rules.charge(d(due), since and d(since), COUNT) == expected


# Absence


def test_absence_does_not_stop_the_clock_but_reminds_on_the_tenth_day():
    absent = [span("15 Sep 2025 to 26 Sep 2025")]
    clock = Clock(START, d("9 Sep 2025"))

    assert status(clock, COUNT, CALENDAR, d("24 Sep 2025")) == "overdue"
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


# Long closures


def test_only_long_closures_ask_for_a_check_in():
    found = rules.long_closure_check_ins([d("30 Dec 2025")], START, d("31 Aug 2027"), CHECK_INS, CALENDAR)
    first_year = [check for check in found if check.due_on < d("7 Sep 2026")]

    assert [(check.starts_on, check.due_on, check.owed, check.met) for check in first_year] == [
        (d("20 Dec 2025"), d("4 Jan 2026"), 1, True),
        (d("28 Mar 2026"), d("12 Apr 2026"), 1, False),
        (d("21 Jul 2026"), d("6 Sep 2026"), 1, False),
    ]


@pytest.mark.parametrize("policy", [COUNT, PAUSE, Policy(long_closure_check_in=CheckInRule(14, 1))])
def test_no_check_in_unless_holidays_pause_and_the_school_asks(policy):
    assert rules.long_closure_check_ins([], START, None, policy, CALENDAR) == []


def test_check_ins_are_owed_only_by_those_on_roll_throughout():
    leaver = rules.long_closure_check_ins([], START, d("4 Jan 2026"), CHECK_INS, CALENDAR)
    newcomer = rules.long_closure_check_ins([], d("1 Jan 2026"), d("1 Apr 2026"), CHECK_INS, CALENDAR)

    assert leaver == newcomer == []


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


# Figures

FIGURES = {
    "one late gap in autumn 1": (
        "12 Sep 2025, 30 Sep 2025, 10 Oct 2025",
        "2 Sep 2025 to 24 Oct 2025",
        COUNT,
        (53, 3, "94.3", ["26 Sep 2025"], 18),
    ),
    "no contact at all": (
        "",
        "2 Sep 2025 to 24 Oct 2025",
        COUNT,
        (53, 38, "28.3", ["16 Sep 2025"], 52),
    ),
    "all in time": (
        "15 Sep 2025, 29 Sep 2025, 13 Oct 2025",
        "2 Sep 2025 to 24 Oct 2025",
        COUNT,
        (53, 0, "100.0", [], 14),
    ),
    "autumn 2 and Christmas, holidays counted": (
        "30 Oct 2025, 13 Nov 2025, 27 Nov 2025, 11 Dec 2025, 7 Jan 2026",
        "3 Nov 2025 to 9 Jan 2026",
        COUNT,
        (68, 12, "82.4", ["25 Dec 2025"], 27),
    ),
    "autumn 2 and Christmas, holidays paused": (
        "30 Oct 2025, 13 Nov 2025, 27 Nov 2025, 11 Dec 2025, 7 Jan 2026",
        "3 Nov 2025 to 9 Jan 2026",
        PAUSE,
        (52, 0, "100.0", [], 27),
    ),
}


def listed(text: str) -> list[date]:
    return [d(one) for one in text.split(", ")] if text else []


@pytest.mark.parametrize(("contacts", "period", "policy", "expected"), FIGURES.values(), ids=FIGURES.keys())
def test_figures(contacts, period, policy, expected):
    counted, overdue, percent, missed, gap = expected

    found = rules.in_time_figures(listed(contacts), START, None, *span(period), policy, CALENDAR)

    assert found == rules.Figures(counted, overdue, Decimal(percent), tuple(d(one) for one in missed), gap)


def test_figures_are_empty_before_the_clock_starts_and_without_a_clock():
    empty = rules.Figures(0, 0, None, (), 0)
    autumn = span("2 Sep 2025 to 24 Oct 2025")

    assert rules.in_time_figures([], d("3 Nov 2025"), None, *autumn, COUNT, CALENDAR) == empty
    assert rules.in_time_figures([], START, None, *autumn, Policy(contact_required=False), CALENDAR) == empty


def test_figures_stop_on_the_last_day_on_roll():
    found = rules.in_time_figures(
        [], START, d("20 Sep 2025"), *span("2 Sep 2025 to 24 Oct 2025"), COUNT, CALENDAR
    )

    assert (found.counted_days, found.overdue_days, found.breaches) == (19, 4, (d("16 Sep 2025"),))


def test_the_longest_gap_is_whole_even_when_it_ends_on_the_first_day_of_the_period():
    found = rules.in_time_figures(
        [d("3 Nov 2025"), d("10 Nov 2025")], START, None, d("3 Nov 2025"), d("14 Nov 2025"), COUNT, CALENDAR
    )

    assert (found.longest_gap_days, found.overdue_days) == (62, 0)


def test_a_due_date_on_the_last_day_of_a_period_counts_once_it_has_passed():
    def found(asked: str) -> tuple[date, ...]:
        autumn = span("2 Sep 2025 to 24 Oct 2025")
        return rules.in_time_figures(
            [d("12 Sep 2025"), d("26 Sep 2025"), d("10 Oct 2025")],
            START,
            None,
            *autumn,
            COUNT,
            CALENDAR,
            as_of=d(asked),
        ).breaches

    assert found("24 Oct 2025") == ()
    assert found("25 Oct 2025") == (d("24 Oct 2025"),)


def test_a_due_date_has_passed_only_when_its_day_is_over():
    def found(until: str, left: str | None = None) -> list[date]:
        return rules.breaches([], START, d(until), COUNT, CALENDAR, left_on=left and d(left))

    assert found("15 Sep 2025") == []
    assert found("16 Sep 2025") == [d("16 Sep 2025")]
    assert found("31 Dec 2025") == [d("16 Sep 2025")]
    assert found("31 Dec 2025", left="16 Sep 2025") == []
    assert found("31 Dec 2025", left="17 Sep 2025") == [d("16 Sep 2025")]


# The same answers as living through it day by day

policies = st.builds(
    Policy, contact_interval_days=st.integers(4, 30), holiday_rule=st.sampled_from(["count", "pause"])
)
lefts = st.one_of(st.none(), days)


def lived(contacts, start, until, policy, calendar, left, held):
    """Each evening from the start: is it overdue, and which due date has just passed?"""
    missed, overdue_days = [], []
    last = None
    day = start
    while day <= until:
        if day in contacts:
            last = day
        clock = Clock(start, last, left_on=left, holds=tuple(held))
        if status(clock, policy, calendar, day) == "overdue":
            overdue_days.append(day)
        tomorrow = Clock(start, last, left_on=None, holds=tuple(held))
        due_today = status(tomorrow, policy, calendar, day) != "overdue" and (
            status(tomorrow, policy, calendar, day + DAY) == "overdue"
        )
        if due_today and (left is None or day < left):
            missed.append(day)
        day += DAY
    return missed, overdue_days


@given(st.lists(days, max_size=12), days, days, policies, calendars(), lefts, holds)
def test_breaches_and_figures_equal_living_through_it(contacts, start, until, policy, calendar, left, held):
    missed, overdue_days = lived(set(contacts), start, until, policy, calendar, left, held)

    assert rules.breaches(contacts, start, until, policy, calendar, left, held) == missed

    figures = rules.in_time_figures(
        contacts, start, left, start, until, policy, calendar, held, as_of=until + DAY
    )
    counted = [
        day
        for day in overdue_days
        if calendar.count_counted_days(day - DAY, day, pause=policy.pauses, holds=held)
    ]
    assert figures.overdue_days == len(counted)
    assert figures.breaches == tuple(missed)
    assert 0 <= figures.overdue_days <= figures.counted_days


@given(st.lists(days, max_size=8), days, st.tuples(days, days), policies, calendars(), lefts, holds)
def test_figures_of_two_halves_add_up(contacts, start, ends, policy, calendar, left, held):
    first, last = sorted(ends)
    middle = first + (last - first) // 2

    def figures(period_start, period_end):
        return rules.in_time_figures(
            contacts, start, left, period_start, period_end, policy, calendar, held, as_of=last
        )

    whole, one, two = figures(first, last), figures(first, middle), figures(middle + DAY, last)
    assert whole.counted_days == one.counted_days + two.counted_days
    assert whole.overdue_days == one.overdue_days + two.overdue_days
    assert whole.breaches == one.breaches + two.breaches


@given(st.lists(days, max_size=8), days, days, days, policies, calendars(), holds)
def test_another_contact_never_adds_overdue_days(contacts, extra, start, until, policy, calendar, held):
    def overdue(made):
        return rules.in_time_figures(made, start, None, start, until, policy, calendar, held).overdue_days

    assert overdue([*contacts, extra]) <= overdue(contacts)
