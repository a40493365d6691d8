"""This week, half-term and term, each against the one before it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from keywork.calendar import Block, SchoolCalendar, Term

A_WEEK = timedelta(days=7)


class Period(NamedTuple):
    """Days so far of one period; of the one before as many days, and all of them. No `before` where none is known."""

    key: str
    name: str
    first: date
    last: date
    before_name: str = ""
    before_first: date | None = None
    before_same: date | None = None
    before_last: date | None = None


def periods(calendar: SchoolCalendar, today: date) -> list[Period]:
    """The week is that of the calendar; half-term and term are those of today, in a holiday the ones just over."""
    monday = today - timedelta(days=today.weekday())
    found = [
        Period(
            "week", "This week", monday, today,
            "Last week", monday - A_WEEK, today - A_WEEK, monday - timedelta(days=1),
        )
    ]  # fmt: skip
    found += _newest("half-term", "half-term", calendar.blocks, today)
    return found + _newest("term", "term", calendar.terms, today)


def _newest(key: str, word: str, spans: Sequence[Block] | Sequence[Term], today: date) -> list[Period]:
    begun = [one for one in spans if one.starts_on <= today]
    if not begun:
        return []
    now = begun[-1]
    last = min(today, now.ends_on)
    name = f"This {word}" if today <= now.ends_on else f"The {word} just over"
    if len(begun) == 1:
        return [Period(key, name, now.starts_on, last)]
    before = begun[-2]
    same = min(before.starts_on + (last - now.starts_on), before.ends_on)
    return [
        Period(
            key, name, now.starts_on, last,
            f"The {word} before", before.starts_on, same, before.ends_on,
        )
    ]  # fmt: skip
