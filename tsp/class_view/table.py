"""The rows of the class view: how they are sorted, and what is worked out for the template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from keywork.dates import london_date
from keywork.words import worded_lazy

from ..questions.templates import Template
from .completeness import AskedPoint, CompletenessRow, in_words, state_words

# What each head sorts by; the name breaks ties, as the rows come in its order.
SORTS: Mapping[str, tuple[str, Callable[[CompletenessRow], Any]]] = {
    "student": (worded_lazy("Student"), lambda row: ()),
    "keyworker": (worded_lazy("Keyworker"), lambda row: (not row.keyworker, row.keyworker)),
    "point": ("Ratings", lambda row: (row.done_on is not None, row.answered, row.is_begun)),
    "tools": ("Soft tools", lambda row: row.tools_in),
    "input": ("Team input", lambda row: (row.input_answered, -row.asked)),
    "goals": ("Goals agreed", lambda row: row.goals),
    "missing": ("Missing", lambda row: len(row.missing)),
}


def in_order(rows: Iterable[CompletenessRow], sort: str) -> list[CompletenessRow]:
    """Sorted by one head; "-point" turns it round. An unknown head leaves them by name."""
    found = list(rows)
    head = SORTS.get(sort.removeprefix("-"))
    if head is not None:
        found.sort(key=head[1], reverse=sort.startswith("-"))
        if sort == "-student":
            found.reverse()
    return found


@dataclass(frozen=True, slots=True)
class TableCell:
    """A row as the template shows it: everything of the row, and what is worked out of it."""

    row: CompletenessRow
    level: str
    word: str
    note: str
    tools_named: str
    missing_words: str
    may_remind: bool
    is_complete: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)


def shown(
    rows: Iterable[CompletenessRow], asked: AskedPoint, form: Template, today: date, *, reminds: bool
) -> list[TableCell]:
    """`reminds`: the reader may write to keyworkers, once a day for each student."""
    found = []
    for row in rows:
        reminded_today = row.reminded_at is not None and london_date(row.reminded_at) == today
        reachable = row.keyworker_id is not None and row.on_roll
        is_owed = row.due_on is not None or row.is_begun
        # How many tools are in is counted; what is begun or declined is named. What is missing stands in the last column.
        named = [f"{title}: {state}" for _, title, state in row.tools if state in ("declined", "begun")]
        found.append(
            TableCell(
                row,
                *state_words(row, today, asked),
                tools_named="; ".join(named),
                missing_words=", ".join(in_words(row.missing, form)),
                may_remind=reminds and reachable and not reminded_today,
                is_complete=is_owed and not row.missing and today >= asked.opens_on,
            )
        )
    return found
