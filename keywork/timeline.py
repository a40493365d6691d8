"""The timeline contract: each record app says what it has to show of a student, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any, Protocol

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


class TimelineProvider(Protocol):
    kinds: dict[str, str]  # kind to its plural name for the filter

    def entries(
        self,
        student: Any,
        reader: Any,
        *,
        kinds: frozenset[str],
        search: str,
        before: tuple | None,
        limit: int,
        school: SchoolFacts,
    ) -> list[Entry]:
        """At most `limit` entries older than `before` (on, kind, pk), newest first, in one query per kind."""
        ...


_providers: list[TimelineProvider] = []


def register(provider: TimelineProvider) -> None:
    if type(provider) not in {type(known) for known in _providers}:
        _providers.append(provider)


def providers() -> tuple[TimelineProvider, ...]:
    return tuple(_providers)
