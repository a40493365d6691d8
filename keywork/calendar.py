"""The school calendar: an immutable value that answers questions about days in microseconds.

Words, as the rules use them:

* a *block* is one half-term, from its first to its last school day, staff-only days included;
* a *pupil day* is a weekday inside a block that is no bank holiday, INSET day or closed day;
* a *staff day* is a pupil day or an INSET day: staff are in;
* a *closure* is the days strictly between two blocks;
* a *counted day* is a day that counts towards an interval (C3): every day, or with ``pause``
  only days inside a block, weekends within it included. Held days never count (C12).

A calendar knows the days from its first block to its last. What lies outside is *unknown*: there
are no pupil days in it, but with ``pause`` unknown days count, because a missing calendar must
never hide a duty.

All days are civil dates in Europe/London (``keywork.dates``). Nothing here loops over days once the
calendar is built: questions are answered by prefix sums.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

Span = tuple[date, date]

_FARTHEST = date.max.toordinal()
_TERM_ID = re.compile(r"(\d{4})-(\d{2})-([a-z]+)")


def spans_by_student(rows: Iterable[tuple[int, date, date]]) -> dict[int, tuple[Span, ...]]:
    """Rows of a student and a first and last day, as each student's spans in the order of the rows."""
    found: dict[int, tuple[Span, ...]] = {}
    for student_id, first, last in rows:
        found[student_id] = (*found.get(student_id, ()), (first, last))
    return found


class CalendarError(ValueError):
    """The given blocks cannot be a calendar; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Block:
    """One half-term block, first and last day inclusive. ``id`` is like ``2025-26-autumn-1``."""

    id: str
    name: str
    term_id: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Term:
    """A term and its blocks; ``ends_on`` is the last day of its last block."""

    id: str
    name: str
    starts_on: date
    ends_on: date
    blocks: tuple[Block, ...]


class AcademicYear(NamedTuple):
    """Its first day and its last pupil day; ``id`` is like "2026-27"."""

    id: str
    starts_on: date
    ends_on: date


class SchoolCalendar:
    """An immutable calendar, equal only to itself, built once per request or task.

    Raises ``CalendarError`` for blocks that overlap or end before they start, and for ids used twice.
    """

    __slots__ = (
        "_block_cum",
        "_block_days",
        "_blocks_by_id",
        "_ends",
        "_first",
        "_last",
        "_pupil_cum",
        "_pupil_days",
        "_staff_only",
        "_starts",
        "_terms_by_id",
        "blocks",
        "terms",
        "years",
    )

    blocks: tuple[Block, ...]
    terms: tuple[Term, ...]
    years: tuple[AcademicYear, ...]  # those that have a pupil day

    def __init__(
        self,
        blocks: Iterable[Block],
        inset_days: Iterable[date] = (),
        closed_days: Iterable[date] = (),
        bank_holidays: Iterable[date] = (),
    ) -> None:
        self.blocks = tuple(sorted(blocks, key=lambda block: block.starts_on))
        _check_blocks(self.blocks)
        self.terms = _group_terms(self.blocks)
        self._blocks_by_id = {block.id: block for block in self.blocks}
        self._terms_by_id = {term.id: term for term in self.terms}
        self._starts = [block.starts_on.toordinal() for block in self.blocks]
        self._ends = [block.ends_on.toordinal() for block in self.blocks]
        # With no blocks at all every day is unknown: an empty known range just before day 1.
        self._first = self._starts[0] if self.blocks else 1
        self._last = self._ends[-1] if self.blocks else 0
        inset = {day.toordinal() for day in inset_days}
        shut = {day.toordinal() for days in (closed_days, bank_holidays) for day in days}
        self._staff_only = frozenset(inset - shut)
        self._build_sums(inset | shut)
        years: dict[str, AcademicYear] = {}
        for term in self.terms:
            id = term.id[:7]
            first = years[id].starts_on if id in years else term.starts_on
            last = self.last_pupil_day_on_or_before(term.ends_on, not_before=first)
            if last is not None:
                years[id] = AcademicYear(id, first, last)
        self.years = tuple(years.values())

    def year_shown(self, as_of: date) -> AcademicYear | None:
        """The year of the day; in the summer, the one just ended. None before the calendar begins."""
        return next((year for year in reversed(self.years) if year.starts_on <= as_of), None)

    def _build_sums(self, off: set[int]) -> None:
        # Position i of each *_cum list: how many such days from the first known day to day first + i.
        self._block_days: list[int] = []
        self._pupil_days: list[int] = []
        self._block_cum: list[int] = []
        self._pupil_cum: list[int] = []
        for start, end, following in zip(
            self._starts, self._ends, [*self._starts, self._last + 1][1:], strict=True
        ):
            for day in range(start, following):
                if day <= end:
                    self._block_days.append(day)
                    # Ordinal 1 was a Monday, so day % 7 is 1 to 5 on weekdays.
                    if 1 <= day % 7 <= 5 and day not in off:
                        self._pupil_days.append(day)
                self._block_cum.append(len(self._block_days))
                self._pupil_cum.append(len(self._pupil_days))

    # Blocks and terms

    def block(self, block_id: str) -> Block:
        """The block with this id; ``KeyError`` if there is none."""
        return self._blocks_by_id[block_id]

    def term(self, term_id: str) -> Term:
        """The term with this id; ``KeyError`` if there is none."""
        return self._terms_by_id[term_id]

    def known_term(self, term_id: str) -> Term | None:
        """The term with this id; None for one that is not in the calendar, or is no longer."""
        return self._terms_by_id.get(term_id)

    def block_on(self, day: date) -> Block | None:
        """The block this day lies in, weekends within it included; None in a closure."""
        place = bisect_right(self._starts, day.toordinal()) - 1
        if place >= 0 and day.toordinal() <= self._ends[place]:
            return self.blocks[place]
        return None

    def block_before(self, day: date) -> Block | None:
        """The latest block that ended before this day."""
        place = bisect_left(self._ends, day.toordinal()) - 1
        return self.blocks[place] if place >= 0 else None

    def next_block(self, day: date) -> Block | None:
        """The first block that starts after this day."""
        place = bisect_right(self._starts, day.toordinal())
        return self.blocks[place] if place < len(self.blocks) else None

    def term_on(self, day: date) -> Term | None:
        """The term this day lies in, its half-term holiday included; None between terms."""
        for term in self.terms:
            if term.starts_on <= day <= term.ends_on:
                return term
        return None

    def until_next_term(self, term: Term) -> date:
        """The last day that belongs to a term: the day before the next begins, so that no holiday falls between two.

        ``date.max`` for the last term known.
        """
        later = [one.starts_on for one in self.terms if one.starts_on > term.starts_on]
        return date.fromordinal(min(later).toordinal() - 1) if later else date.max

    def closures(self) -> list[Span]:
        """First and last day of each closure between two blocks, in order."""
        return [
            (date.fromordinal(end + 1), date.fromordinal(start - 1))
            for end, start in zip(self._ends, self._starts[1:], strict=False)
            if end + 1 < start
        ]

    # Pupil days

    def is_pupil_day(self, day: date) -> bool:
        """Whether pupils are in school; False for every unknown day."""
        number = day.toordinal()
        return self._pupils_to(number) > self._pupils_to(number - 1)

    def is_staff_day(self, day: date) -> bool:
        """Whether staff are in, with pupils or without; False for every unknown day that is no INSET day."""
        return day.toordinal() in self._staff_only or self.is_pupil_day(day)

    def pupil_days(self, start: date, end: date, away: Sequence[Span] = ()) -> int:
        """How many pupil days from ``start`` to ``end``, both included, less those ``away``."""
        first, last = start.toordinal(), end.toordinal()
        days = max(0, self._pupils_to(last) - self._pupils_to(first - 1))
        for gone, back in _merged(away, first) if away else ():
            days -= max(0, self._pupils_to(min(back, last)) - self._pupils_to(gone - 1))
        return days

    def last_pupil_day_on_or_before(self, day: date, not_before: date | None = None) -> date | None:
        """The last pupil day up to ``day``, or None if there is none on or after ``not_before``."""
        place = self._pupils_to(day.toordinal())
        if not place:
            return None
        found = self._pupil_days[place - 1]
        if not_before is not None and found < not_before.toordinal():
            return None
        return date.fromordinal(found)

    def nth_pupil_day(self, start: date, n: int) -> date | None:
        """The n-th pupil day on or after ``start`` (1 is the first); None beyond the known calendar."""
        place = self._pupils_to(start.toordinal() - 1) + n - 1
        return date.fromordinal(self._pupil_days[place]) if 0 <= place < len(self._pupil_days) else None

    def pupil_day_before(self, day: date, n: int) -> date | None:
        """The pupil day ``n`` pupil days before ``day``, itself not counted; None before the calendar."""
        place = self._pupils_to(day.toordinal() - 1) - n
        return date.fromordinal(self._pupil_days[place]) if 0 <= place < len(self._pupil_days) else None

    def _pupils_to(self, number: int) -> int:
        if number < self._first:
            return 0
        if number > self._last:
            return len(self._pupil_days)
        return self._pupil_cum[number - self._first]

    # Counted days

    def add_counted_days(self, start: date, n: int, *, pause: bool, holds: Sequence[Span] = ()) -> date:
        """The day on which ``n`` counted days have passed since ``start`` (C2, C3, C12).

        A hold without an end is given as ending on ``date.max``; the answer is then ``date.max``, which
        reads "no date while the hold lasts".
        """
        begin = start.toordinal()
        if n <= 0:
            return start
        if not pause and not holds:
            return date.fromordinal(min(begin + n, _FARTHEST))
        number = self._block_number if pause else _same
        day_of = self._day_of_block_number if pause else _same
        target = number(begin) + n
        due = day_of(target)
        for low, high in _merged(holds, begin + 1):
            if low > due:
                break
            target += number(high) - number(low - 1)
            due = day_of(target)
        return date.fromordinal(min(due, _FARTHEST))

    def count_counted_days(
        self, start_exclusive: date, end_inclusive: date, *, pause: bool, holds: Sequence[Span] = ()
    ) -> int:
        """How many counted days lie after the first date, up to and including the second."""
        begin, end = start_exclusive.toordinal(), end_inclusive.toordinal()
        if end <= begin:
            return 0
        number = self._block_number if pause else _same
        days = number(end) - number(begin)
        for low, high in _merged(holds, begin + 1):
            if low > end:
                break
            days -= number(min(high, end)) - number(low - 1)
        return days

    def _block_number(self, day: int) -> int:
        """A number that grows by one on each day that counts with ``pause``; 0 before the first block."""
        place = day - self._first
        if place < 0:
            return place + 1
        if day > self._last:
            return len(self._block_days) + day - self._last
        return self._block_cum[place]

    def _day_of_block_number(self, number: int) -> int:
        """The first day with this number: the inverse of ``_block_number``."""
        if number <= 0:
            return self._first + number - 1
        if number <= len(self._block_days):
            return self._block_days[number - 1]
        return self._last + number - len(self._block_days)


def merged_spans(spans: Iterable[Span]) -> list[Span]:
    """The same days in order, none twice. A span that ends before it starts holds no days."""
    return [(date.fromordinal(low), date.fromordinal(high)) for low, high in _merged(list(spans), 1)]


def _same(number: int) -> int:
    return number


def _merged(spans: Sequence[Span], not_before: int) -> list[tuple[int, int]]:
    """Ordinals of the spans cut to begin at ``not_before``, sorted, joined where they overlap or touch."""
    if not spans:
        return []
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        low, high = max(first.toordinal(), not_before), last.toordinal()
        if high < low:
            continue
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _check_blocks(blocks: tuple[Block, ...]) -> None:
    seen: set[str] = set()
    for block in blocks:
        if block.ends_on < block.starts_on:
            raise CalendarError(f"{block.name} ends before it starts.")
        if block.id in seen:
            raise CalendarError(f"Two half-terms share the id {block.id}.")
        seen.add(block.id)
    for earlier, later in pairwise(blocks):
        if later.starts_on <= earlier.ends_on:
            raise CalendarError(
                f"{later.name} ({later.id}) starts before {earlier.name} ({earlier.id}) ends."
            )


def _group_terms(blocks: tuple[Block, ...]) -> tuple[Term, ...]:
    grouped: dict[str, list[Block]] = {}
    for block in blocks:
        grouped.setdefault(block.term_id, []).append(block)
    return tuple(
        Term(term_id, term_name(term_id), members[0].starts_on, members[-1].ends_on, tuple(members))
        for term_id, members in grouped.items()
    )


def term_name(term_id: str) -> str:
    """``2025-26-autumn`` as people say it: "Autumn term 2025/26". Other ids come back as they are."""
    parts = _TERM_ID.fullmatch(term_id)
    if parts is None:
        return term_id
    year, short, season = parts.groups()
    return f"{season.capitalize()} term {year}/{short}"
