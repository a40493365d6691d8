"""The timeline contract: each record app says what it has to show of a student, newest first.

A page shows a few of what all the apps find. So one read says where the newest of all kinds stand, a second one brings
the rows of those, and they are told only once they are known to be on the page: however many kinds there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Collate

from . import prepared
from .sql import any_of

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

    def __getitem__(self, name: str) -> Any:
        """Templates ask for a key first, and of an entry for twenty things: an error each would be half of their time."""
        return getattr(self, name)

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

    @property
    def is_plain(self) -> bool:
        """As most people ask: the first page, for which reads are prepared."""
        return not self.search and self.before is None and self.limit <= A_PAGE

    def rows(
        self,
        kind: str,
        build: Callable[..., QuerySet],
        *values: Any,
        matching: Callable[[str], Q] | None,
        day: str = "on",
        **fixed: Any,
    ) -> Sequence[Any]:
        """The rows of a kind, of `build(student id, *values, **fixed)` newest first; prepared as most people ask."""
        if not self.search and self.before is None:
            return prepared.rows(_newest, self.student.pk, *values, of=build, limit=self.limit, **fixed)
        if "\x00" in self.search or (self.search and matching is None):
            return ()
        found = build(self.student.pk, *values, **fixed).filter(self.older(kind, day))
        return list(found.filter(matching(self.search) if self.search and matching else Q())[: self.limit])


A_PAGE = 60


def _newest(*values: Any, of: Callable[..., QuerySet], limit: int, **fixed: Any) -> QuerySet:
    return of(*values, **fixed)[:limit]


class Rows(NamedTuple):
    """What stands on the timeline, of one table: `build(student id, *values, **fixed)`.

    `kind` is "" where each row says its `kind` itself. `matching` is a search in its words, None where there are none.
    """

    kind: str
    build: Callable[..., QuerySet]
    found: Callable[[Any], Found]
    values: tuple[Any, ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()
    matching: Callable[[str], Q] | None = None
    day: str = "on"
    pk: str = "pk"


class TimelineProvider(Protocol):
    kinds: dict[str, str]  # kind to its plural name for the filter

    def rows(self, asked: Asked) -> Sequence[Rows] | None:
        """What this reader may see of the kinds asked for; None where only `newest` can say it."""
        return None

    def newest(self, asked: Asked) -> Sequence[Found]:
        """What is asked for and perhaps more, in any order; a query a kind."""
        return [
            one.found(row)
            for one in self.rows(asked) or ()
            for row in asked.rows(
                one.kind, one.build, *one.values, matching=one.matching, day=one.day, **dict(one.fixed)
            )
        ]


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
    found: list[Found] = []
    together: list[Rows] = []
    for provider in _providers:
        if own := kinds & provider.kinds.keys():
            theirs = replace(asked, kinds=frozenset(own))
            rows = provider.rows(theirs) if asked.is_plain else None
            if rows is None:
                found += provider.newest(theirs)
            else:
                together += rows
    return sorted([*found, *_of_page(asked, together)], key=NEWEST, reverse=True)


def _of_page(asked: Asked, together: Sequence[Rows]) -> list[Found]:
    """The newest of all of these, in two queries."""
    if not together:
        return []
    student_id = asked.student.pk
    parts = tuple((one.kind, one.build, len(one.values), one.fixed, one.day, one.pk) for one in together)
    values = [value for one in together for value in one.values]
    keys: dict[str, list[int]] = {}
    for kind, _, pk in prepared.rows(_places, student_id, *values, parts=parts, limit=asked.limit):
        keys.setdefault(kind, []).append(pk)
    # Also those of which nothing is on the page: it is always the same statement.
    reads = [
        prepared.Read(
            _at,
            student_id,
            keys.get(one.kind, []) if one.kind else [pk for theirs in keys.values() for pk in theirs],
            *one.values,
            of=one.build,
            key=one.pk,
            **dict(one.fixed),
        )
        for one in together
    ]
    return [
        one.found(row) for one, rows in zip(together, prepared.together(*reads), strict=True) for row in rows
    ]


def _places(student_id: int, *values: Any, parts: tuple[Any, ...], limit: int) -> QuerySet:
    """Kind, day and key of the newest of all parts."""
    given, places = iter(values), []
    for kind, build, count, fixed, day, pk in parts:
        rows = build(student_id, *(next(given) for _ in range(count)), **dict(fixed))
        named = rows.annotate(
            of_kind=Collate(Value(kind, TextField()) if kind else F("kind"), "C"), on_day=F(day), key=F(pk)
        )
        places.append(
            named.order_by("-on_day", "-of_kind", "-key").values_list("of_kind", "on_day", "key")[:limit]
        )
    first, *others = places
    return first.union(*others, all=True).order_by("-on_day", "-of_kind", "-key")[:limit] if others else first


def _at(
    student_id: int, keys: Any, *values: Any, of: Callable[..., QuerySet], key: str, **fixed: Any
) -> QuerySet:
    return of(student_id, *values, **fixed).filter(any_of(key, keys)).order_by()


def usable(found: Iterable[Found], *, since: date) -> Iterator[Entry]:
    """Those since a day that a record read by a whole team may rest on: not restricted, not crossed out, and no try."""
    told = (one.tell() for one in found if one.on >= since)
    return (entry for entry in told if not (entry.restricted or entry.voided or entry.is_try))
