"""The days of a term as a line: when school and home reached each other, when school tried, and the holidays between.

The words beside it say the same; its numbers are points of the picture, 480 wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from keywork.calendar import Term

LEFT, WIDTH = 8, 464
WEEKEND = 3  # days from a Friday to its Monday
LEAST_APART = 90  # points that the label of a month keeps from the dates at the ends


class Mark(NamedTuple):
    x: float
    reached: bool


class Label(NamedTuple):
    x: float
    on: date


@dataclass(frozen=True, slots=True)
class TermLine:
    """`gaps` are where each holiday within the term begins, and how wide it is."""

    first: date
    last: date
    marks: Sequence[Mark]
    months: Sequence[Label]
    gaps: Sequence[tuple[float, float]]


def term_line(days: Iterable[tuple[date, bool]], term: Term, last: date) -> TermLine | None:
    """Of the days of contacts (True) and of tries; None where there is nothing to draw, or one day only."""
    first, found = term.starts_on, sorted(days)
    if not found or last <= first:
        return None

    def at(day: date) -> float:
        return round(LEFT + WIDTH * (day - first).days / (last - first).days, 1)

    gaps = []
    for before, after in pairwise(term.blocks):
        if before.ends_on < last and (after.starts_on - before.ends_on).days > WEEKEND:
            begins = at(before.ends_on)
            gaps.append((begins, round(at(min(after.starts_on, last)) - begins, 1)))
    months = [Label(at(day), day) for day in _firsts(first, last)]
    inside = [one for one in months if LEFT + LEAST_APART <= one.x <= LEFT + WIDTH - LEAST_APART]
    return TermLine(first, last, [Mark(at(day), reached) for day, reached in found], inside, gaps)


def _firsts(first: date, last: date) -> Iterable[date]:
    """The first day of each month between the two."""
    day = first.replace(day=1)
    while (day := (day + timedelta(32)).replace(day=1)) <= last:
        yield day
