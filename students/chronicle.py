"""One student's timeline: the entries of every app, newest first, paged by where the last page ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from keywork import timeline
from keywork.calendar import SchoolCalendar
from keywork.school import SchoolFacts
from keywork.timeline import Place

PAGE = 15


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, and the place to go on from when there are older ones."""

    entries: list[timeline.Entry]
    older: str


def kinds() -> dict[str, str]:
    """Every kind of entry and its plural name, in the order of the apps."""
    return {kind: name for provider in timeline.providers() for kind, name in provider.kinds.items()}


def page(
    student: Any,
    reader: Any,
    *,
    school: SchoolFacts,
    kind: str = "",
    search: str = "",
    before: Place | None = None,
) -> Page:
    """The next page for this reader. An unknown `kind` finds nothing."""
    wanted = frozenset({kind}) if kind else frozenset(kinds())
    found = timeline.newest(
        student, reader, kinds=wanted, limit=PAGE + 1, school=school, search=search, before=before
    )
    shown = found[:PAGE]
    older = written(shown[-1].place) if len(found) > PAGE else ""
    return Page([one.tell() for one in shown], older)


def written(place: Place) -> str:
    return f"{place[0].isoformat()}.{place[1]}.{place[2]}"


def place_of(text: str) -> Place | None:
    """The place an address names; None for none, or for one nobody wrote."""
    try:
        day, kind, pk = text.split(".")
        return (date.fromisoformat(day), kind, int(pk))
    except ValueError:
        return None


def by_time(
    entries: list[timeline.Entry], today: date, calendar: SchoolCalendar
) -> Iterator[tuple[str, list[timeline.Entry]]]:
    """Entries under headings: this week, last week, earlier this half-term, then month by month."""
    monday = today - timedelta(days=today.weekday())
    block = calendar.block_on(today)

    def heading(entry: timeline.Entry) -> str:
        if entry.on > today:
            return "To come"
        if entry.on >= monday:
            return "This week"
        if entry.on >= monday - timedelta(days=7):
            return "Last week"
        if block is not None and entry.on >= block.starts_on:
            return "Earlier this half-term"
        return f"{entry.on:%B %Y}"

    for words, group in groupby(entries, key=heading):
        yield words, list(group)
