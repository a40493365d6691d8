"""The timeline contract: each record app says what it has to show of a student, newest first.

A page shows a few of what all the apps find, so what was found is put in order first, and
told only once it is known to be among them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from .school import SchoolFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened, ready to show to this reader (nothing they may not see is in it)."""

    kind: str  # "contact", "session", …: the filter
    pk: int
    on: date
    at: time | None = None
    title: str
    who: str = ""
    text: str = ""
    agreed: str = ""
    tags: tuple[str, ...] = ()
    seen_by: str = ""  # who can see it, in words
    restricted: bool = False  # shown with a lock instead of an eye
    icon: str = "phone"
    url: str = ""
    level: str = "none"  # dot colour, as duties.LEVELS
    voided: str = ""  # reason, when crossed through
    voided_as: str = "Crossed out"  # what became of it, before the reason
    act_url: str = ""  # what this reader may do about it, under `act`
    act: str = ""
    note: str = ""  # "Logged 5 days later", "Waiting for approval"
    shared: str = ""  # the words home sees
    is_try: bool = False  # somebody was to be reached and was not: it says nothing of the student

    @property
    def under(self) -> str:
        """Behind its date: who, and what is to be noted."""
        return " · ".join(filter(None, (self.who, self.note)))


class Found(NamedTuple):
    """Where an entry stands among all others, and what tells it."""

    on: date
    kind: str
    pk: int
    tell: Callable[[], Entry]

    @property
    def place(self) -> tuple[date, str, int]:
        return self[:3]


NEWEST = itemgetter(0, 1, 2)  # what `Found` is sorted by


class TimelineProvider(Protocol):
    kinds: dict[str, str]  # kind to its plural name for the filter

    def newest(
        self,
        student: Any,
        reader: Any,
        *,
        kinds: frozenset[str],
        search: str,
        before: tuple | None,
        limit: int,
        school: SchoolFacts,
    ) -> Sequence[Found]:
        """The `limit` newest that are older than `before` (on, kind, pk) and perhaps more, in any order; a query a kind."""
        ...


_providers: list[TimelineProvider] = []


def register(provider: TimelineProvider) -> None:
    if type(provider) not in {type(known) for known in _providers}:
        _providers.append(provider)


def providers() -> tuple[TimelineProvider, ...]:
    return tuple(_providers)


def newest(
    student: Any,
    reader: Any,
    *,
    kinds: frozenset[str],
    limit: int,
    school: SchoolFacts,
    search: str = "",
    before: tuple | None = None,
) -> list[Found]:
    """What all providers have of these kinds, newest first: the `limit` newest are whole, more may follow."""
    found = [
        one
        for provider in _providers
        if kinds & provider.kinds.keys()
        for one in provider.newest(
            student,
            reader,
            kinds=kinds & provider.kinds.keys(),
            search=search,
            before=before,
            limit=limit,
            school=school,
        )
    ]
    return sorted(found, key=NEWEST, reverse=True)
