"""The half-termly session: the cases of the rule book, then properties that must hold for any input."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts import sessions as rules
from contacts.sessions import LoggedSession, SessionFacts, SessionResult
from keywork.attribution import attribution
from keywork.duties import Status
from keywork.policy import Policy
from tests.rules.helpers import CALENDAR, RuleSchool, calendar_closed, calendars, d, days, span, spans

POLICY = Policy()
ALL = frozenset({"attendance", "engagement", "social_progress"})
FROM_SEPTEMBER = "2 Sep 2025"
UNTIL_DUE = "open until due, then missed"
PRECEDENCE = ("met", "met_late", "not_required", "declined", "missed")  # H10


def window_state(block, logged, joined, left, absences, calendar, policy, as_of) -> SessionResult:
    facts = SessionFacts(joined or date.min, left, logged, absences)
    window = rules.window_of(block, policy, calendar)
    return rules.in_window(facts, window, as_of, RuleSchool(policy, calendar))


def sessions(text: str, *topics: set[str], block: str = "") -> list[LoggedSession]:
    """``"18 Sep held; 9 Oct held"`` in the school year 2025/26, with the topics of each (else all)."""
    facts = []
    for place, entry in enumerate(text.split("; ") if text else []):
        day, month, status = entry.split()
        year = 2025 if month in ("Sep", "Oct", "Nov", "Dec") else 2026
        covered = frozenset(topics[place]) if topics else ALL
        catch_up = block if status == "catch_up" else ""
        facts.append(
            LoggedSession(
                d(f"{day} {month} {year}"), "held" if catch_up else status, covered, catch_up_for=catch_up
            )
        )
    return facts


def case(block, roll, facts, available, due, status, met_on=None, absences=(), calendar=CALENDAR):
    joined, _, left = roll.partition(" to ")
    return (
        calendar.block(block),
        facts,
        d(joined),
        d(left) if left else None,
        [span(one) for one in absences],
        calendar,
        (available, d(due), status, met_on and d(met_on)),
    )


AUTUMN, SPRING_1, SPRING_2, SUMMER = (
    "2025-26-autumn-1",
    "2025-26-spring-1",
    "2025-26-spring-2",
    "2025-26-summer-1",
)

CASES = {
    "topics completed over two sessions": case(
        AUTUMN,
        FROM_SEPTEMBER,
        sessions("18 Sep held; 9 Oct held", {"attendance", "engagement"}, {"social_progress"}),
        39,
        "24 Oct 2025",
        "met",
        "9 Oct 2025",
    ),
    "two sessions but social progress never discussed": case(
        AUTUMN,
        FROM_SEPTEMBER,
        sessions("18 Sep held; 9 Oct held", {"attendance"}, {"attendance", "engagement"}),
        39,
        "24 Oct 2025",
        UNTIL_DUE,
    ),
    "session on a holiday day does not count": case(
        AUTUMN, FROM_SEPTEMBER, sessions("27 Oct held"), 39, "24 Oct 2025", UNTIL_DUE
    ),
    "catch-up session 3 days after the block": case(
        AUTUMN,
        FROM_SEPTEMBER,
        sessions("27 Oct catch_up", block=AUTUMN),
        39,
        "24 Oct 2025",
        "met_late",
        "27 Oct 2025",
    ),
    "catch-up session 17 days after the block is too late": case(
        AUTUMN, FROM_SEPTEMBER, sessions("10 Nov catch_up", block=AUTUMN), 39, "24 Oct 2025", UNTIL_DUE
    ),
    "session on an INSET day at the edge counts": case(
        SPRING_1, FROM_SEPTEMBER, sessions("5 Jan held"), 29, "13 Feb 2026", "met", "5 Jan 2026"
    ),
    "new student with 14 pupil days left": case(AUTUMN, "7 Oct 2025", [], 14, "24 Oct 2025", UNTIL_DUE),
    "new student with 8 pupil days left": case(AUTUMN, "15 Oct 2025", [], 8, "24 Oct 2025", "not_required"),
    "left after 9 pupil days": case(
        SPRING_2, "2 Sep 2025 to 5 Mar 2026", [], 9, "5 Mar 2026", "not_required"
    ),
    "absent all but 6 days": case(
        SPRING_2,
        FROM_SEPTEMBER,
        [],
        6,
        "27 Mar 2026",
        "not_required",
        absences=["20 Feb 2026 to 10 Mar 2026", "9 Mar 2026 to 19 Mar 2026"],
    ),
    "school closed 24 Feb to 12 Mar: 12 pupil days left": case(
        SPRING_2,
        FROM_SEPTEMBER,
        [],
        12,
        "27 Mar 2026",
        UNTIL_DUE,
        calendar=calendar_closed(span("24 Feb 2026 to 12 Mar 2026")),
    ),
    "school closed 24 Feb to 17 Mar: 9 pupil days left": case(
        SPRING_2,
        FROM_SEPTEMBER,
        [],
        9,
        "27 Mar 2026",
        "not_required",
        calendar=calendar_closed(span("24 Feb 2026 to 17 Mar 2026")),
    ),
    "offered twice and declined": case(
        SUMMER, FROM_SEPTEMBER, sessions("22 Apr declined; 6 May declined"), 29, "22 May 2026", "declined"
    ),
    "cancelled sessions do not count": case(
        SUMMER, FROM_SEPTEMBER, sessions("22 Apr cancelled"), 29, "22 May 2026", UNTIL_DUE
    ),
}


@pytest.mark.parametrize(
    ("block", "facts", "joined", "left", "absences", "calendar", "expected"),
    CASES.values(),
    ids=CASES.keys(),
)
def test_window(block, facts, joined, left, absences, calendar, expected):
    available, due, status, met_on = expected
    after = block.ends_on + timedelta(days=21)

    def on(as_of: date) -> SessionResult:
        # A leaver is asked about on the last day on roll and after; the state stays what it was.
        return window_state(block, facts, joined, left, absences, calendar, POLICY, as_of)

    found = on(after)
    counted = None if found.met_on else available
    assert (found.available_days, found.due_on, found.met_on) == (counted, due, met_on)
    if status == UNTIL_DUE:
        assert found.status == "missed"
        assert on(due + timedelta(days=1)).status == "missed"
        assert on(due).status == "due_soon"
        assert on(max(joined, block.starts_on)).status in ("open", "due_soon")
    else:
        assert found.status == status


def state(text: str, as_of: str, *topics: set[str], policy: Policy = POLICY) -> SessionResult:
    block = CALENDAR.block(AUTUMN)
    facts = sessions(text, *topics)
    return window_state(block, facts, d(FROM_SEPTEMBER), None, [], CALENDAR, policy, d(as_of))


def test_amber_begins_ten_pupil_days_before_the_due_date():
    assert rules.amber_on(d("24 Oct 2025"), CALENDAR) == d("10 Oct 2025")
    assert state("", "9 Oct 2025").status == "open"
    assert state("", "10 Oct 2025").status == "due_soon"
    assert state("", "24 Oct 2025").status == "due_soon"


def test_it_says_which_topics_are_left():
    assert state("", "9 Oct 2025").topics_left == ("attendance", "engagement", "social_progress")
    assert state("18 Sep held", "9 Oct 2025", {"engagement", "pod"}).topics_left == (
        "attendance",
        "social_progress",
    )
    assert state("18 Sep held", "9 Oct 2025").topics_left == ()


def test_a_later_session_is_not_known_before_its_day():
    assert state("9 Oct held", "8 Oct 2025").status == "open"
    assert state("9 Oct held", "9 Oct 2025").status == "met"


@pytest.mark.parametrize("status", ["cancelled", "no_show", "declined"])
def test_only_held_sessions_meet_the_window(status):
    assert state(f"18 Sep {status}", "19 Sep 2025").status == "open"


def test_two_refusals_on_one_day_are_one():
    assert state("18 Sep declined; 18 Sep declined", "1 Oct 2025").status == "open"
    assert state("18 Sep declined; 25 Sep declined", "1 Oct 2025").declined_on == (
        d("18 Sep 2025"),
        d("25 Sep 2025"),
    )


@pytest.mark.parametrize(("joined", "expected"), [("13 Oct 2025", "missed"), ("14 Oct 2025", "not_required")])
def test_ten_available_pupil_days_are_enough(joined, expected):
    found = window_state(CALENDAR.block(AUTUMN), [], d(joined), None, [], CALENDAR, POLICY, d("1 Nov 2025"))

    assert (found.status, found.available_days) == (expected, 10 if expected == "missed" else 9)


def test_the_order_of_logging_does_not_matter():
    text = "9 Oct held; 25 Sep held; 18 Sep held"
    topics = ({"social_progress"}, {"social_progress"}, {"attendance", "engagement"})
    late = [
        LoggedSession(d(day), "held", frozenset(covered), catch_up_for=AUTUMN)
        for day, covered in [("7 Nov 2025", ALL), ("5 Nov 2025", ALL)]
    ]

    found = window_state(
        CALENDAR.block(AUTUMN), late, d(FROM_SEPTEMBER), None, [], CALENDAR, POLICY, d("8 Nov 2025")
    )

    assert state(text, "1 Nov 2025", *topics).met_on == d("25 Sep 2025")
    assert found.met_on == d("5 Nov 2025")


def test_a_session_inside_its_block_is_in_time_even_when_marked_as_catch_up():
    fact = LoggedSession(d("9 Oct 2025"), "held", ALL, catch_up_for=AUTUMN)

    found = window_state(
        CALENDAR.block(AUTUMN), [fact], d(FROM_SEPTEMBER), None, [], CALENDAR, POLICY, d("1 Nov 2025")
    )

    assert found.status == "met"


def test_met_beats_declined_beats_missed():
    refused = "18 Sep declined; 25 Sep declined"

    assert state(refused, "1 Nov 2025").status == "declined"
    assert state(f"{refused}; 9 Oct held", "1 Nov 2025").status == "met"


def test_a_catch_up_completes_what_the_block_began_and_beats_not_required():
    block = CALENDAR.block(AUTUMN)
    facts = [
        LoggedSession(d("20 Oct 2025"), "held", frozenset({"attendance", "engagement"})),
        LoggedSession(d("7 Nov 2025"), "held", frozenset({"social_progress"}), catch_up_for=AUTUMN),
    ]

    found = window_state(block, facts, d("15 Oct 2025"), None, [], CALENDAR, POLICY, d("8 Nov 2025"))

    assert (found.status, found.met_on) == ("met_late", d("7 Nov 2025"))
    assert found.catch_up_by == d("7 Nov 2025")


@pytest.mark.parametrize(("day", "autumn_2"), [("7 Nov 2025", "missed"), ("10 Nov 2025", "met")])
def test_a_catch_up_is_not_counted_twice_and_one_too_late_counts_where_it_was_held(day, autumn_2):
    facts = [LoggedSession(d(day), "held", ALL, catch_up_for=AUTUMN)]

    found = window_state(
        CALENDAR.block("2025-26-autumn-2"),
        facts,
        d(FROM_SEPTEMBER),
        None,
        [],
        CALENDAR,
        POLICY,
        d("1 Jan 2026"),
    )

    assert found.status == autumn_2


def test_a_session_that_waits_for_approval_does_not_count_yet():
    logged = LoggedSession(d("20 Oct 2025"), "held", ALL)

    def on(waiting: bool) -> str:
        known = [logged._replace(waiting=waiting)]
        day = d("5 Nov 2025")
        return window_state(
            CALENDAR.block(AUTUMN), known, d(FROM_SEPTEMBER), None, [], CALENDAR, POLICY, day
        ).status

    assert (on(True), on(False)) == ("missed", "met")


@pytest.mark.parametrize(
    ("joined", "left", "as_of"),
    [
        ("3 Nov 2025", None, "20 Oct 2025"),
        ("2 Sep 2024", "29 Aug 2025", "20 Oct 2025"),
        ("7 Oct 2025", None, "6 Oct 2025"),
    ],
)
def test_nothing_is_owed_when_not_on_roll(joined, left, as_of):
    found = window_state(
        CALENDAR.block(AUTUMN), [], d(joined), left and d(left), [], CALENDAR, POLICY, d(as_of)
    )

    assert (found.status, found.block, found.due_on) == ("none", None, None)


@pytest.mark.parametrize(
    ("due", "since", "expected"),
    [
        ("24 Oct 2025", "13 Oct 2025", "keyworker"),
        ("24 Oct 2025", "14 Oct 2025", "handover"),
        ("24 Oct 2025", None, "unassigned"),
        ("24 Oct 2025", "25 Oct 2025", "unassigned"),
    ],
)
def test_whose_miss_it_is(due, since, expected):
    assert attribution(d(due), since and d(since), CALENDAR) == expected


# Other windows


def test_more_than_one_session_may_be_owed():
    two = Policy(session_min_per_window=2)

    assert state("18 Sep held", "1 Oct 2025", policy=two).status == "open"
    assert state("18 Sep held; 25 Sep held", "1 Oct 2025", policy=two).met_on == d("25 Sep 2025")


def test_without_required_topics_any_held_session_meets_the_window():
    assert (
        state("18 Sep held", "1 Oct 2025", set(), policy=Policy(session_required_topics=())).status == "met"
    )


def shown(day: str, policy: Policy) -> list[str]:
    school = RuleSchool(policy)
    return [window.block.id for window in rules.windows(d(day), school)]


def test_windows_of_the_policy():
    half_terms, terms = Policy(session_window="half_term"), Policy(session_window="term")

    assert shown("18 Sep 2025", half_terms) == [AUTUMN]
    assert shown("27 Oct 2025", half_terms) == [AUTUMN]
    assert shown("3 Nov 2025", half_terms) == ["2025-26-autumn-2", AUTUMN]
    assert shown("27 Oct 2025", terms) == ["2025-26-autumn"]
    assert shown("31 Aug 2025", half_terms) == []
    for kind in ("week", "none"):
        policy = Policy(session_window=kind)
        assert shown("18 Sep 2025", policy) == []
        assert rules.evaluate(SessionFacts(date.min), d("1 Nov 2025"), RuleSchool(policy)).status == "none"


def test_each_window_is_judged_by_the_policy_of_its_last_day():
    two = Policy(session_min_per_window=2)
    school = RuleSchool(POLICY, policies=((date.min, two), (d("20 Oct 2025"), POLICY)))
    facts = SessionFacts(date.min, logged=sessions("18 Sep held"))

    assert rules.evaluate(facts, d("19 Oct 2025"), school).status == "due_soon"
    assert rules.evaluate(facts, d("20 Oct 2025"), school).status == "met"
    later = RuleSchool(POLICY, policies=((date.min, POLICY), (d("3 Nov 2025"), two)))
    assert [one.policy for one in rules.windows(d("4 Nov 2025"), later)] == [two, POLICY]
    assert list(rules.missed(facts, d(FROM_SEPTEMBER), d("30 Nov 2025"), d("1 Dec 2025"), later)) == []


def test_a_term_window_runs_over_half_term_but_holiday_sessions_do_not_meet_it():
    school = RuleSchool(Policy(session_window="term"))

    def met_on(text: str) -> date | None:
        return rules.evaluate(SessionFacts(date.min, logged=sessions(text)), d("19 Dec 2025"), school).met_on

    assert met_on("27 Oct held") is None
    assert met_on("27 Oct held; 4 Nov held") == d("4 Nov 2025")


# Which window is shown, and what was missed


def evaluated(text: str, as_of: str, *topics: set[str], **roll) -> SessionResult:
    facts = SessionFacts(**{"joined_on": date.min, **roll}, logged=sessions(text, *topics))
    return rules.evaluate(facts, d(as_of), RuleSchool(POLICY))


def test_a_missed_half_term_stays_in_sight_until_something_comes_of_the_next():
    assert evaluated("", "27 Oct 2025").block.id == AUTUMN
    in_sight = evaluated("", "5 Nov 2025")
    assert (in_sight.status, in_sight.block.id) == (Status.MISSED, AUTUMN)
    assert in_sight.next_by == d("19 Dec 2025")
    begun = evaluated("4 Nov held", "5 Nov 2025", {"attendance"})
    assert (begun.status, begun.block.id) == (Status.OPEN, "2025-26-autumn-2")
    near = evaluated("", "5 Dec 2025")
    assert (near.status, near.due_on) == (Status.DUE_SOON, d("19 Dec 2025"))


def test_a_miss_is_what_is_said_the_day_after_until_it_is_made_up_for():
    first, last = d(FROM_SEPTEMBER), d("18 Dec 2025")

    def missed(text: str, as_of: str, left: str = "") -> list[date]:
        facts = SessionFacts(date.min, d(left) if left else None, sessions(text, block=AUTUMN))
        return list(rules.missed(facts, first, last, d(as_of), RuleSchool(POLICY)))

    assert missed("", "24 Oct 2025") == []
    assert missed("", "25 Oct 2025") == [d("24 Oct 2025")] == missed("", "18 Dec 2025")
    assert missed("7 Nov catch_up", "6 Nov 2025") == [d("24 Oct 2025")]
    assert missed("7 Nov catch_up", "7 Nov 2025") == []
    assert missed("", "18 Dec 2025", left="10 Oct 2025") == [d("10 Oct 2025")]
    assert missed("", "18 Dec 2025", left="10 Sep 2025") == []


@pytest.mark.parametrize("roll", [{"left_on": d("3 Nov 2025")}, {"known_from": d("5 Nov 2025")}])
def test_whoever_is_not_on_roll_or_not_known_yet_owes_nothing(roll):
    assert evaluated("", "4 Nov 2025", **roll).status is Status.NONE


# Properties

facts_given = st.lists(
    st.builds(
        LoggedSession,
        on=days,
        status=st.sampled_from(["held", "cancelled", "declined", "no_show"]),
        topics=st.frozensets(st.sampled_from([*ALL, "other"])),
        catch_up_for=st.sampled_from(["", "", "2025-26-t0-0", "2025-26-t0-1"]),
    ),
    max_size=8,
)
windows = calendars().filter(lambda calendar: calendar.blocks)
maybe = st.one_of(st.none(), days)


@given(windows, facts_given, maybe, maybe, st.lists(spans, max_size=3), days, st.data())
def test_every_input_has_exactly_one_status_and_it_agrees_with_its_parts(
    calendar, facts, joined, left, absences, as_of, data
):
    block = data.draw(st.sampled_from(calendar.blocks))

    found = window_state(block, facts, joined, left, absences, calendar, POLICY, as_of)

    if found.status == "none":
        first_day = max(block.starts_on, joined or date.min)
        assert as_of < first_day or first_day > min(block.ends_on, left or date.max)
        return
    assert (found.met_on is not None) == (found.status in ("met", "met_late")) == (not found.topics_left)
    available = sum(
        calendar.is_pupil_day(day) and not any(first <= day <= last for first, last in absences)
        for n in range((block.ends_on - block.starts_on).days + 1)
        if (joined or date.min) <= (day := block.starts_on + timedelta(days=n)) <= (left or date.max)
    )
    assert found.available_days == (None if found.met_on else available)
    true = {
        "met": found.met_on is not None and found.met_on <= found.due_on,
        "met_late": found.met_on is not None and found.met_on > block.ends_on,
        "not_required": available < 10,
        "declined": len(found.declined_on) >= 2,
        "missed": as_of > found.due_on,
    }
    first_true = next((status for status in PRECEDENCE if true[status]), None)
    assert found.status == first_true or (first_true is None and found.status in ("open", "due_soon"))


@given(windows, facts_given, days, st.data())
def test_another_held_session_never_makes_a_window_worse(calendar, facts, as_of, data):
    block = data.draw(st.sampled_from(calendar.blocks))
    extra = LoggedSession(data.draw(days), "held", ALL)

    def rank(known):
        status = window_state(block, known, None, None, [], calendar, POLICY, as_of).status
        return (*PRECEDENCE, "due_soon", "open", "none").index(status)

    assert rank([*facts, extra]) <= rank(facts)
