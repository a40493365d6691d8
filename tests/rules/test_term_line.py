"""The picture of a term's contacts: where each day stands."""

from __future__ import annotations

from datetime import date

from keywork.calendar import Block, Term
from reports.term_line import LEFT, WIDTH, term_line

TERM = Term(
    "2026-27-autumn",
    "Autumn term 2026/27",
    date(2026, 9, 7),
    date(2026, 12, 18),
    (
        Block("a", "Autumn 1", "2026-27-autumn", date(2026, 9, 7), date(2026, 10, 23)),
        Block("b", "Autumn 2", "2026-27-autumn", date(2026, 11, 2), date(2026, 12, 18)),
    ),
)


def test_the_first_and_the_last_day_stand_at_the_ends():
    line = term_line([(date(2026, 12, 18), False), (date(2026, 9, 7), True)], TERM, date(2026, 12, 18))
    assert [(mark.x, mark.reached) for mark in line.marks] == [(LEFT, True), (LEFT + WIDTH, False)]
    assert [one.on for one in line.months] == [date(2026, 10, 1), date(2026, 11, 1)]
    ((begins, width),) = line.gaps
    assert LEFT < begins < begins + width < LEFT + WIDTH


def test_a_holiday_that_has_not_come_is_not_drawn():
    line = term_line([(date(2026, 9, 10), True)], TERM, date(2026, 10, 9))
    assert line.gaps == [] and line.last == date(2026, 10, 9)


def test_nothing_to_draw():
    assert term_line([], TERM, date(2026, 12, 18)) is None
    assert term_line([(date(2026, 9, 7), True)], TERM, date(2026, 9, 7)) is None
