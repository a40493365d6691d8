"""The timeline contract: each record app says what it has to show of a student, newest first.

A page shows a few of what all the apps find, so what was found is put in order first, and
told only once it is known to be among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.db.models import Q, QuerySet

from . import prepared

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


Place = tuple[date, str, int]  # on, kind, pk


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of each provider: of one student, for one reader, the `limit` newest that are older than `before`."""

    student: Any
    reader: Any
    kinds: frozenset[str]
    limit: int
    school: SchoolFacts
    search: str = ""
    before: Place | None = None

    def older(self, kind: str, day: str = "on") -> Q:
        """Rows of one kind that come after `before`, when everything is read newest first by (on, kind, pk)."""
        if self.before is None:
            return Q()
        on, before_kind, pk = self.before
        if kind < before_kind:
            return Q(**{f"{day}__lte": on})
        older = Q(**{f"{day}__lt": on})
        return older | Q(**{day: on, "pk__lt": pk}) if kind == before_kind else older

    def rows(
        self,
        kind: str,
        build: Callable[..., QuerySet],
        *values: Any,
        matching: Callable[[str], Q],
        day: str = "on",
        **fixed: Any,
    ) -> Sequence[Any]:
        """The rows of a kind, of `build(student id, *values, **fixed)` newest first; prepared as most people ask."""
        if not self.search and self.before is None:
            return prepared.rows(_newest, self.student.pk, *values, of=build, limit=self.limit, **fixed)
        if "\x00" in self.search:
            return ()
        found = build(self.student.pk, *values, **fixed).filter(self.older(kind, day))
        return list(found.filter(matching(self.search) if self.search else Q())[: self.limit])


def _newest(*values: Any, of: Callable[..., QuerySet], limit: int, **fixed: Any) -> QuerySet:
    return of(*values, **fixed)[:limit]


class TimelineProvider(Protocol):
    kinds: dict[str, str]  # kind to its plural name for the filter

    def newest(self, asked: Asked) -> Sequence[Found]:
        """What is asked for and perhaps more, in any order; a query a kind."""
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
    before: Place | None = None,
) -> list[Found]:
    """What all providers have of these kinds, newest first: the `limit` newest are whole, more may follow."""
    asked = Asked(student, reader, kinds, limit, school, search.strip(), before)
    found = [
        one
        for provider in _providers
        if kinds & provider.kinds.keys()
        for one in provider.newest(replace(asked, kinds=frozenset(kinds & provider.kinds.keys())))
    ]
    return sorted(found, key=NEWEST, reverse=True)


def usable(found: Iterable[Found], *, since: date) -> Iterator[Entry]:
    """Those since a day that a record read by a whole team may rest on: not restricted, not crossed out, and no try."""
    told = (one.tell() for one in found if one.on >= since)
    return (entry for entry in told if not (entry.restricted or entry.voided or entry.is_try))
