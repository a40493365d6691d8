"""What can be shown to a named person: each app registers its kinds in AppConfig.ready()."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Item(NamedTuple):
    """One thing as it is now: its title, and its parts as title and words. `url` is its own page."""

    student: Any
    title: str
    parts: Sequence[tuple[str, str]]
    url: str


# The item of a key for somebody who may read it themselves (a user), or as it stands (None); None where there is none.
Find = Callable[[int, Any], Item | None]
KINDS: dict[str, Find] = {}


def register(what: str, find: Find) -> None:
    KINDS[what] = find


def find(what: str, pk: int, reader: Any = None) -> Item | None:
    finder = KINDS.get(what)
    return finder(pk, reader) if finder else None
