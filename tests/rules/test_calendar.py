"""The school calendar: facts of the fixture, and its arithmetic against a plain loop over days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywork.calendar import Block, CalendarError, SchoolCalendar, merged_spans
from tests.rules.helpers import CALENDAR, CALENDAR_DATA, calendar_of, calendars, d, days, holds, spans

YEARS = CALENDAR_DATA["academic_years"]
HALVES = [half for year in YEARS for term in year["terms"] for half in term["half_terms"]]
TERMS = [term for year in YEARS for term in year["terms"]]


def iso(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year["label"])
def test_each_year_has_195_school_days_of_which_190_are_pupil_days(year):
    start, end = iso(year["academic_year_starts_on"]), iso(year["academic_year_ends_on"])
    insets = [iso(day["date"]) for day in year["inset_days"]]

    assert CALENDAR.pupil_days(start, end) == 190
    assert len(insets) == 5
    assert not any(CALENDAR.is_pupil_day(day) for day in insets)
    without_insets = calendar_of({**CALENDAR_DATA, "academic_years": [{**year, "inset_days": []}]})
    assert without_insets.pupil_days(start, end) == 195


@pytest.mark.parametrize("half", HALVES, ids=lambda half: half["id"])
def test_blocks_know_their_pupil_days(half):
    block = CALENDAR.block(half["id"])

    assert CALENDAR.pupil_days(block.starts_on, block.ends_on) == half["pupil_days"]
    assert CALENDAR.nth_pupil_day(block.starts_on, 1) == iso(half["first_pupil_day"])
    assert CALENDAR.last_pupil_day_on_or_before(block.ends_on) == iso(half["last_pupil_day"])
    assert CALENDAR.block_on(block.starts_on) == CALENDAR.block_on(block.ends_on) == block


@pytest.mark.parametrize("given_term", TERMS, ids=lambda term: term["id"])
def test_terms_hold_two_blocks(given_term):
    term = CALENDAR.term(given_term["id"])

    assert (term.starts_on, term.ends_on) == (iso(given_term["starts_on"]), iso(given_term["ends_on"]))
    assert len(term.blocks) == 2
    assert CALENDAR.pupil_days(term.starts_on, term.ends_on) == given_term["pupil_days"]
    between = term.blocks[0].ends_on + timedelta(days=3)
    assert CALENDAR.term_on(between) == term
    assert CALENDAR.block_on(between) is None


def test_term_names_as_people_say_them():
    assert CALENDAR.term("2025-26-autumn").name == "Autumn term 2025/26"


def test_closures_are_the_days_between_blocks():
    given = [closure for year in YEARS for closure in year["closures"]]

    assert CALENDAR.closures() == [(iso(c["starts_on"]), iso(c["ends_on"])) for c in given]


@pytest.mark.parametrize(
    ("day", "on", "before", "after"),
    [
        ("1 Sep 2025", "2025-26-autumn-1", None, "2025-26-autumn-2"),
        ("24 Oct 2025", "2025-26-autumn-1", None, "2025-26-autumn-2"),
        ("25 Oct 2025", None, "2025-26-autumn-1", "2025-26-autumn-2"),
        ("8 Nov 2025", "2025-26-autumn-2", "2025-26-autumn-1", "2025-26-spring-1"),
        ("31 Aug 2025", None, None, "2025-26-autumn-1"),
        ("1 Sep 2028", None, "2027-28-summer-2", None),
    ],
)
def test_blocks_around_a_day(day, on, before, after):
    found = CALENDAR.block_on(d(day)), CALENDAR.block_before(d(day)), CALENDAR.next_block(d(day))

    assert tuple(block and block.id for block in found) == (on, before, after)


def test_beyond_the_known_calendar():
    assert CALENDAR.nth_pupil_day(d("25 Jul 2028"), 1) is None
    assert CALENDAR.pupil_day_before(d("2 Sep 2025"), 1) is None
    assert CALENDAR.last_pupil_day_on_or_before(d("1 Sep 2025")) is None
    assert CALENDAR.last_pupil_day_on_or_before(d("1 Jan 2030")) == d("24 Jul 2028")
    # 25 July 2028 is the last known day; what follows counts, so that nothing owed is hidden.
    assert CALENDAR.add_counted_days(d("25 Jul 2028"), 14, pause=True) == d("8 Aug 2028")
    assert CALENDAR.add_counted_days(d("20 Aug 2025"), 14, pause=True) == d("3 Sep 2025")


def test_a_hold_without_an_end_leaves_no_date():
    hold = (d("10 Sep 2025"), date.max)

    assert CALENDAR.add_counted_days(d("9 Sep 2025"), 14, pause=False, holds=[hold]) == date.max
    assert CALENDAR.add_counted_days(d("9 Sep 2025"), 14, pause=True, holds=[hold]) == date.max


@pytest.mark.parametrize("pause", [False, True])
def test_a_hold_that_begins_on_the_due_date_moves_it(pause):
    def due(*held) -> date:
        return CALENDAR.add_counted_days(d("9 Sep 2025"), 14, pause=pause, holds=held)

    on_the_day, next_day = (d("23 Sep 2025"), d("24 Sep 2025")), (d("24 Sep 2025"), d("24 Sep 2025"))
    assert due() == due(next_day) == d("23 Sep 2025")
    assert due(on_the_day) == due(next_day, on_the_day) == d("25 Sep 2025")


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        ([Block("a", "A", "t", d("2 Sep 2025"), d("1 Sep 2025"))], "A ends before it starts."),
        (
            [
                Block("a", "A", "t", d("1 Sep 2025"), d("5 Sep 2025")),
                Block("b", "B", "t", d("5 Sep 2025"), d("9 Sep 2025")),
            ],
            r"B \(b\) starts before A \(a\) ends\.",
        ),
        (
            [
                Block("a", "A", "t", d("1 Sep 2025"), d("5 Sep 2025")),
                Block("a", "B", "t", d("8 Sep 2025"), d("9 Sep 2025")),
            ],
            "Two half-terms share the id a.",
        ),
    ],
)
def test_impossible_blocks_are_refused(blocks, message):
    with pytest.raises(CalendarError, match=message):
        SchoolCalendar(blocks)


# The same answers as a plain loop over days


def counts(calendar: SchoolCalendar, day: date, pause: bool, held) -> bool:
    if any(first <= day <= last for first, last in held):
        return False
    if not pause or not calendar.blocks:
        return True
    unknown = day < calendar.blocks[0].starts_on or day > calendar.blocks[-1].ends_on
    return unknown or any(block.starts_on <= day <= block.ends_on for block in calendar.blocks)


@given(calendars(), days, st.integers(1, 40), st.booleans(), holds)
def test_adding_counted_days_equals_counting_on_fingers(calendar, start, n, pause, held):
    day, left = start, n
    while left:
        day += timedelta(days=1)
        left -= counts(calendar, day, pause, held)

    assert calendar.add_counted_days(start, n, pause=pause, holds=held) == day


@given(calendars(), days, days, st.booleans(), holds)
def test_counting_days_equals_counting_on_fingers(calendar, start, end, pause, held):
    expected = sum(
        counts(calendar, start + timedelta(days=n), pause, held) for n in range(1, (end - start).days + 1)
    )

    assert calendar.count_counted_days(start, end, pause=pause, holds=held) == expected


@given(calendars(), days, days)
def test_pupil_days_equal_a_loop(calendar, start, end):
    listed = [
        day for n in range((end - start).days + 1) if calendar.is_pupil_day(day := start + timedelta(days=n))
    ]

    assert calendar.pupil_days(start, end) == len(listed)
    for n, day in enumerate(listed, 1):
        assert calendar.nth_pupil_day(start, n) == day
        assert calendar.block_on(day) is not None
        assert day.isoweekday() <= 5
    for n, day in enumerate(reversed(listed), 1):
        assert calendar.pupil_day_before(end + timedelta(days=1), n) == day
    if listed:
        assert calendar.last_pupil_day_on_or_before(end, not_before=start) == listed[-1]
    else:
        assert calendar.last_pupil_day_on_or_before(end, not_before=start) is None


@given(calendars(), days, st.integers(1, 40), holds)
def test_pausing_and_holds_never_shorten(calendar, start, n, held):
    plain = calendar.add_counted_days(start, n, pause=False)

    assert calendar.add_counted_days(start, n, pause=True) >= plain
    for pause in (False, True):
        free = calendar.add_counted_days(start, n, pause=pause)
        assert calendar.add_counted_days(start, n, pause=pause, holds=held) >= free


@given(st.lists(spans, max_size=5))
def test_merged_spans_hold_the_same_days_once(given_spans):
    def days_of(listed):
        return [first + timedelta(days=n) for first, last in listed for n in range((last - first).days + 1)]

    merged = days_of(merged_spans(given_spans))
    assert merged == sorted(set(days_of(given_spans)))
