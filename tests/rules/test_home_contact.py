"""How home contact stands: the vectors of the rule book, then properties that must hold for any input."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.home_contact import (
    Figures,
    HomeFacts,
    HomeHistory,
    LastContact,
    LoggedContact,
    evaluate,
    figures,
    missed,
)
from keywork.policy import CheckInRule, Policy
from tests.rules.helpers import CALENDAR, RuleSchool, calendars, d, days, holds, span

DAY = timedelta(days=1)
START = d("2 Sep 2025")
COUNT, PAUSE = Policy(), Policy(holiday_rule="pause")
WEEKLY = Policy(contact_interval_days=7)
CHECK_INS = Policy(holiday_rule="pause", long_closure_check_in=CheckInRule(14, 1))


def on(text: str, **facts) -> HomeFacts:
    return HomeFacts(**{"joined_on": START, "last": LastContact(d(text), "two_way"), **facts})


def starting(text: str, joined: str | None = None) -> HomeFacts:
    return HomeFacts(d(joined or text), known_from=d(text))


def status(facts, policy, calendar, as_of):
    return evaluate(facts, as_of, RuleSchool(policy, calendar)).status


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
def test_the_rule_book(clock, policy, due, by, asked, expected):
    found = evaluate(clock, d(asked), RuleSchool(policy))

    assert (found.status, found.due_on, found.do_by) == (expected, d(due), d(by))


@pytest.mark.parametrize(
    ("joined", "live", "known", "since", "began"),
    [
        ("4 Sep 2023", "3 Nov 2025", None, "3 Nov 2025", "live"),
        ("5 Nov 2025", "3 Nov 2025", None, "5 Nov 2025", "joined"),
        ("4 Sep 2023", "3 Nov 2025", "10 Nov 2025", "10 Nov 2025", "known"),
        ("4 Sep 2023", "3 Nov 2025", "4 Sep 2023", "3 Nov 2025", "live"),
    ],
)
def test_the_clock_starts_on_the_latest_of_its_dates(joined, live, known, since, began):
    facts = HomeFacts(d(joined), known_from=known and d(known))
    found = evaluate(facts, d("12 Nov 2025"), RuleSchool(COUNT, went_live_on=d(live)))

    assert (found.since, found.began, found.status) == (d(since), began, "ok")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("19 Sep 2025", "ok"), ("20 Sep 2025", "due_soon"), ("23 Sep 2025", "due_soon")],
)
def test_amber_is_the_last_three_days(asked, expected):
    assert status(on("9 Sep 2025"), COUNT, CALENDAR, d(asked)) == expected


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

    assert status(clock, COUNT, CALENDAR, d(asked)) == expected


def test_do_by_is_empty_when_no_pupil_day_is_left_before_the_due_date():
    clock = on("19 Dec 2025")

    found = evaluate(clock, d("20 Dec 2025"), RuleSchool(COUNT))
    assert (found.due_on, found.do_by) == (d("2 Jan 2026"), None)


def test_a_contact_before_the_clock_starts_leaves_no_backlog():
    found = evaluate(on("1 Sep 2025"), d("4 Nov 2025"), RuleSchool(COUNT, went_live_on=d("3 Nov 2025")))

    assert found.due_on == d("17 Nov 2025")


@pytest.mark.parametrize("policy", [Policy(contact_required=False), Policy(contact_interval_days=None)])
def test_without_a_clock_nothing_is_owed(policy):
    found = evaluate(on("9 Sep 2025"), d("1 Dec 2025"), RuleSchool(policy))

    assert (found.status, found.due_on, found.do_by) == ("none", None, None)


# Looking back


def history(contacts, start=START, left=None, holds=()):
    logged = [LoggedContact(day, "phone", "two_way", True) for day in sorted(contacts)]
    return HomeHistory(start, left, logged, tuple(holds))


def late_dates(contacts, start, until, policy, calendar, left=None, holds=()):
    found = missed(
        history(contacts, start, left, holds), date(2024, 1, 1), until, RuleSchool(policy, calendar)
    )
    return [one.due_on for one in found]


def figures_of(contacts, start, left, first, last, policy, calendar, holds=(), **more):
    return figures(history(contacts, start, left, holds), first, last, RuleSchool(policy, calendar), **more)


def test_a_silence_is_missed_once_by_the_rule_that_says_so_first():
    """The interval is shortened in mid-silence, and then lengthened: one miss, by the date first named."""
    quicker, slower = Policy(contact_interval_days=7), Policy(contact_interval_days=40)

    def dates(*policies):
        school = RuleSchool(COUNT, policies=((date.min, COUNT), *policies))
        return [one.due_on for one in missed(history([]), START, d("31 Oct 2025"), school)]

    assert dates() == [d("16 Sep 2025")]
    assert dates((d("12 Sep 2025"), quicker)) == [d("9 Sep 2025")]
    assert dates((d("12 Sep 2025"), quicker), (d("20 Sep 2025"), slower)) == [d("9 Sep 2025")]
    assert dates((d("12 Sep 2025"), slower)) == [d("12 Oct 2025")]


def test_each_day_of_a_period_is_judged_by_the_policy_of_that_day():
    school = RuleSchool(
        COUNT, policies=((date.min, COUNT), (d("1 Oct 2025"), Policy(contact_interval_days=60)))
    )
    found = figures(history([]), START, d("24 Oct 2025"), school)

    # Due on 16 September, so overdue from the 17th to the 30th; from October the first contact is due in November.
    assert (found.counted_days, found.overdue_days, found.late) == (53, 14, (d("16 Sep 2025"),))


def test_what_a_person_took_back_was_not_late():
    found = figures_of(
        [], START, None, START, d("24 Oct 2025"), COUNT, CALENDAR, withdrawn=frozenset([d("16 Sep 2025")])
    )

    assert (found.overdue_days, found.late, str(found.in_time_pct)) == (0, (), "100.0")


@pytest.mark.parametrize(
    "held", [(), (span("18 Dec 2025 to 6 Jan 2026"),), (span("22 Dec 2025 to 6 Jan 2026"),)]
)
def test_a_long_closure_wholly_on_hold_asks_for_no_check_in(held):
    """C12 against C16: on the page and among the misses."""
    facts = on("19 Dec 2025", holds=held)
    found = evaluate(facts, d("7 Jan 2026"), RuleSchool(CHECK_INS))
    late = late_dates([d("19 Dec 2025")], d("19 Dec 2025"), d("7 Jan 2026"), CHECK_INS, CALENDAR, holds=held)
    spared = held and held[0][0] <= d("20 Dec 2025")

    assert (found.check_in is None) == bool(spared)
    assert found.has_passed != bool(spared)
    assert late == ([] if spared else [d("4 Jan 2026")])


def check_in(contacts, joined, left, as_of, policy=CHECK_INS):
    made = history(contacts, joined, left)
    school = RuleSchool(policy)
    found = evaluate(made.at(as_of, as_of, school), as_of, school)
    return found.check_in and found.due_on


@pytest.mark.parametrize(
    ("contacts", "asked", "due"),
    [
        (["12 Dec 2025"], "30 Dec 2025", "4 Jan 2026"),
        (["12 Dec 2025", "30 Dec 2025"], "30 Dec 2025", None),
        (["17 Oct 2025"], "28 Oct 2025", None),  # a half-term of nine days
        (["10 Jul 2026"], "1 Aug 2026", "6 Sep 2026"),
    ],
)
def test_only_long_closures_ask_for_a_check_in(contacts, asked, due):
    assert check_in(listed(", ".join(contacts)), START, None, d(asked)) == (due and d(due))


@pytest.mark.parametrize("policy", [COUNT, PAUSE, Policy(long_closure_check_in=CheckInRule(14, 1))])
def test_no_check_in_unless_holidays_pause_and_the_school_asks(policy):
    assert check_in([d("12 Dec 2025")], START, None, d("30 Dec 2025"), policy) is None


def test_check_ins_are_owed_only_by_those_on_roll_throughout():
    assert check_in([d("12 Dec 2025")], START, d("4 Jan 2026"), d("30 Dec 2025")) is None
    assert check_in([], d("1 Jan 2026"), None, d("3 Jan 2026")) is None


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
    counted, overdue, percent, late, gap = expected

    found = figures_of(listed(contacts), START, None, *span(period), policy, CALENDAR)

    assert (found.counted_days, found.overdue_days, found.in_time_pct) == (counted, overdue, Decimal(percent))
    assert (found.late, found.longest_gap_days) == (tuple(d(one) for one in late), gap)


def test_figures_are_empty_before_the_clock_starts_and_without_a_clock():
    empty = Figures()
    autumn = span("2 Sep 2025 to 24 Oct 2025")

    assert figures_of([], d("3 Nov 2025"), None, *autumn, COUNT, CALENDAR) == empty
    assert figures_of([], START, None, *autumn, Policy(contact_required=False), CALENDAR) == empty


def test_figures_stop_on_the_last_day_on_roll():
    found = figures_of([], START, d("20 Sep 2025"), *span("2 Sep 2025 to 24 Oct 2025"), COUNT, CALENDAR)

    assert (found.counted_days, found.overdue_days, found.late) == (19, 4, (d("16 Sep 2025"),))


def test_the_longest_gap_is_whole_even_when_it_ends_on_the_first_day_of_the_period():
    found = figures_of(
        [d("3 Nov 2025"), d("10 Nov 2025")], START, None, d("3 Nov 2025"), d("14 Nov 2025"), COUNT, CALENDAR
    )

    assert (found.longest_gap_days, found.overdue_days) == (62, 0)


def test_a_due_date_on_the_last_day_of_a_period_counts_once_it_has_passed():
    def found(asked: str) -> tuple[date, ...]:
        autumn = span("2 Sep 2025 to 24 Oct 2025")
        return figures_of(
            [d("12 Sep 2025"), d("26 Sep 2025"), d("10 Oct 2025")],
            START,
            None,
            *autumn,
            COUNT,
            CALENDAR,
            as_of=d(asked),
        ).late

    assert found("24 Oct 2025") == ()
    assert found("25 Oct 2025") == (d("24 Oct 2025"),)


def test_a_due_date_has_passed_only_when_its_day_is_over():
    def found(until: str, left: str | None = None) -> list[date]:
        return late_dates([], START, d(until), COUNT, CALENDAR, left=left and d(left))

    assert found("15 Sep 2025") == []
    assert found("16 Sep 2025") == [d("16 Sep 2025")]
    assert found("31 Dec 2025") == [d("16 Sep 2025")]
    assert found("31 Dec 2025", left="16 Sep 2025") == []
    assert found("31 Dec 2025", left="17 Sep 2025") == [d("16 Sep 2025")]


# The same answers as living through it day by day


def lived(contacts, start, until, policy, calendar, left, held):
    """Each evening from the start: is it overdue, and which due date has just passed?"""
    school = RuleSchool(policy, calendar)
    late, overdue_days = [], []
    last = None
    day = start
    while day <= until:
        if day in contacts:
            last = LastContact(day, "two_way")
        if evaluate(HomeFacts(start, left, last, tuple(held)), day, school).has_passed:
            overdue_days.append(day)
        stays = HomeFacts(start, None, last, tuple(held))
        passes = not evaluate(stays, day, school).has_passed and evaluate(stays, day + DAY, school).has_passed
        if passes and (left is None or day < left):
            late.append(day)
        day += DAY
    return late, overdue_days


policies = st.builds(
    Policy, contact_interval_days=st.integers(4, 30), holiday_rule=st.sampled_from(["count", "pause"])
)
lefts = st.one_of(st.none(), days)


@given(st.lists(days, max_size=12), days, days, policies, calendars(), lefts, holds)
def test_misses_and_figures_equal_living_through_it(contacts, start, until, policy, calendar, left, held):
    expected, overdue_days = lived(set(contacts), start, until, policy, calendar, left, held)

    assert late_dates(contacts, start, until, policy, calendar, left, held) == expected

    found = figures_of(contacts, start, left, start, until, policy, calendar, held, as_of=until + DAY)
    counted = [
        day
        for day in overdue_days
        if calendar.count_counted_days(day - DAY, day, pause=policy.pauses, holds=held)
    ]
    assert found.overdue_days == len(counted)
    assert found.late == tuple(expected)
    assert 0 <= found.overdue_days <= found.counted_days


@given(st.lists(days, max_size=8), days, st.tuples(days, days), policies, calendars(), lefts, holds)
def test_figures_of_two_halves_add_up(contacts, start, ends, policy, calendar, left, held):
    first, last = sorted(ends)
    middle = first + (last - first) // 2

    def of(period_start, period_end):
        return figures_of(contacts, start, left, period_start, period_end, policy, calendar, held, as_of=last)

    whole, one, two = of(first, last), of(first, middle), of(middle + DAY, last)
    assert whole.counted_days == one.counted_days + two.counted_days
    assert whole.overdue_days == one.overdue_days + two.overdue_days
    assert whole.late == one.late + two.late


@given(st.lists(days, max_size=8), days, days, days, policies, calendars(), holds)
def test_another_contact_never_adds_overdue_days(contacts, extra, start, until, policy, calendar, held):
    def overdue(made):
        return figures_of(made, start, None, start, until, policy, calendar, held).overdue_days

    assert overdue([*contacts, extra]) <= overdue(contacts)


facts_given = st.builds(
    HomeFacts,
    joined_on=days,
    left_on=st.one_of(st.none(), days),
    last=st.one_of(st.none(), st.builds(LastContact, days, st.just("two_way"))),
    holds=holds,
    known_from=st.none(),
)
any_policy = st.builds(
    Policy,
    contact_required=st.booleans(),
    contact_interval_days=st.one_of(st.none(), st.integers(4, 60)),
    holiday_rule=st.sampled_from(["count", "pause"]),
)


@given(facts_given, any_policy, calendars(), days)
def test_every_input_has_exactly_one_status_and_it_agrees_with_the_due_date(facts, policy, calendar, as_of):
    found = evaluate(facts, as_of, RuleSchool(policy, calendar))
    due, left = found.due_on, facts.left_on
    on_roll = facts.joined_on <= as_of <= (left or date.max)
    if due is None or not on_roll:
        expected = "none"
    elif left is not None and due >= left:
        expected = "not_owed"
    elif any(first <= as_of <= last for first, last in facts.holds):
        expected = "ok"
    elif as_of > due:
        expected = "overdue"
    else:
        expected = "due_soon" if (due - as_of).days <= 3 else "ok"
    assert found.status == expected
    assert found.has_passed == (expected in ("ok", "overdue") and as_of > due)


@given(st.lists(days, max_size=6), days, days, any_policy, calendars(), holds)
def test_another_contact_never_moves_the_due_date_back(contacts, extra, start, policy, calendar, held):
    school = RuleSchool(policy, calendar)
    earlier, later = (
        evaluate(history(made, start, None, held).at(date.max, start, school), start, school).due_on
        for made in (contacts, [*contacts, extra])
    )
    assert (earlier is None and later is None) or earlier <= later


@given(facts_given, st.integers(4, 40), calendars())
def test_pausing_and_holds_never_shorten(facts, interval, calendar):
    def due(one, **policy):
        return evaluate(
            one, one.joined_on, RuleSchool(Policy(contact_interval_days=interval, **policy), calendar)
        ).due_on

    free = HomeFacts(facts.joined_on, facts.left_on, facts.last)
    assert due(facts, holiday_rule="pause") >= due(facts)
    for policy in ({}, {"holiday_rule": "pause"}):
        assert due(facts, **policy) >= due(free, **policy)


@given(facts_given, any_policy, calendars())
def test_do_by_is_a_pupil_day_between_the_last_contact_and_the_due_date(facts, policy, calendar):
    found = evaluate(facts, facts.joined_on, RuleSchool(policy, calendar))
    by = found.do_by

    if by is not None:
        assert calendar.is_pupil_day(by)
        assert found.since <= by <= found.due_on
        assert by != found.last_on
        assert calendar.pupil_days(by + timedelta(days=1), found.due_on) == 0
