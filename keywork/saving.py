"""Saving field by field while several people write: what came, what may be written, what to answer.

A form that saves itself is `<form method="post" data-autosave>` with `static/autosave.js`. Each field that can be
saved has a hidden partner, drawn by `{% load tsp %}{% seen "narrative:summary" version "words" %}`: `base:<field>`
holds the version last seen and a digest of what it was. Script posts only the fields that changed; without script
the whole form comes, and the digest says which of its fields the writer touched. `decide` is the whole rule:

    for typed in typed_fields(request.POST):
        current = stored[typed.field]          # Current(version, values, by, at); NOTHING if there is no row
        if saving.to_write(typed, current):
            …; saving.wrote(typed.field, version, values)
    if is_autosave(request): return saving.response()

Nothing here knows what a field means; a view decides which names it takes and what their words may be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from django.http import HttpRequest, JsonResponse, QueryDict
from django.template.loader import render_to_string

from keywork import clock
from keywork.dates import time_of_day
from keywork.numbers import number_in
from keywork.typed import break_once

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from keywork.models import User

Values = tuple[str, ...]
Decision = Literal["write", "same", "conflict", "theirs"]

BASE = "base:"
DISPUTED = "disputed:"  # stands with a conflict on the page until one of its two is chosen


def is_autosave(request: HttpRequest) -> bool:
    """Did script send this, so that JSON is the answer?"""
    return request.POST.get("autosave") == "1"


def plain(value: str) -> str:
    """One line ending for all browsers, nothing trailing."""
    return break_once(value).rstrip()


def as_values(value: object) -> Values:
    """Anything stored as the values an input would post: None and "" are none, a list is each of its entries."""
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    return (str(value),)


def digest(values: Collection[str]) -> str:
    """Says whether an input still holds what it held when the page was made."""
    joined = "\x1f".join(plain(value) for value in values).rstrip("\x1f")
    return hashlib.sha256(joined.encode()).hexdigest()[:10]


CHANGED_SINCE = "Something was changed after this page was shown to you. Look at it once more before it goes."


def preview_token(shown: object) -> str:
    """A digest of what a page to look at before sending showed; it comes back with the button of that page."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:16]


def was_changed(data: QueryDict, shown: object) -> bool:
    """Whether the button of such a page was pressed for something else than would be `shown` now."""
    return "preview_token" in data and data["preview_token"] != preview_token(shown)


def base(version: int, values: Collection[str]) -> str:
    """What the hidden partner of a field holds: "3.1f0a…"."""
    return f"{version}.{digest(values)}"


@dataclass(frozen=True, slots=True)
class Typed:
    """One field as it came. `version` was the last one seen, 0 for none; `was` the digest of what it held."""

    field: str
    values: Values
    version: int
    was: str

    @property
    def text(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def untouched(self) -> bool:
        return bool(self.was) and digest(self.values) == self.was


@dataclass(frozen=True, slots=True)
class Current:
    """The field as it is stored. `by` is a name, "" when nobody wrote it yet."""

    version: int
    values: Values
    by: str = ""
    at: datetime | None = None


NOTHING = Current(0, ())
YOU = "You, in another tab,"


def name_for(writer: User | None, reader: User | AnonymousUser | None, *, short: bool = False) -> str:
    """How a page tells `reader` who wrote something else; "" for nobody."""
    if writer is None:
        return ""
    if reader is not None and writer.pk == reader.pk:
        return YOU
    return writer.get_short_name() if short else writer.name


def typed_fields(data: QueryDict) -> Iterator[Typed]:
    """Every field that came with its `base:`. One with no value was cleared: nothing ticked, nothing chosen."""
    for name, seen in data.items():
        if not name.startswith(BASE):
            continue
        known, _, was = str(seen).partition(".")
        field_name = name.removeprefix(BASE)
        # No database keeps a null character, and nobody sees one.
        values = [plain(value.replace("\x00", "")) for value in data.getlist(field_name)]
        while values and not values[-1]:
            values.pop()
        # An absurd number is no version anybody saw: it can only conflict, never overwrite.
        version = number_in(known, digits=8) or 0
        if f"{DISPUTED}{field_name}" in data and field_name not in data.getlist("use-mine"):
            version, was = -1, ""  # saved without a choice: both are shown again
        yield Typed(field_name, tuple(values), version, was)


def decide(typed: Typed, current: Current) -> Decision:
    """What becomes of one field: see the module. Nothing that anybody typed is ever written over unseen."""
    if digest(typed.values) == digest(current.values):
        return "same"
    if typed.untouched:
        return "theirs"
    as_seen = typed.version == current.version or typed.was == digest(current.values)
    return "write" if as_seen else "conflict"


@dataclass(slots=True)
class Saving:
    """What became of one save. `parts` are pieces of the page to put in place, each by its id."""

    saved: dict[str, int] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, Current] = field(default_factory=dict)
    mine: dict[str, Values] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    refused: str = ""  # why nothing at all can be saved here any more

    def wrote(self, name: str, version: int, values: Collection[str]) -> None:
        self.saved[name] = version
        self.bases[name] = base(version, values)

    def differs(self, typed: Typed, current: Current) -> None:
        """Somebody else changed it since: both are shown, and neither is lost."""
        self.conflicts[typed.field] = current
        self.mine[typed.field] = typed.values

    def to_write(
        self,
        typed: Typed,
        current: Current,
        *,
        came: Typed | None = None,
        theirs: Callable[[], Current] | None = None,
    ) -> bool:
        """Whether this field is to be written; where it is not, what became of it is noted here.

        Untouched here and changed there, the newer words stand. A conflict shows `came` and `theirs`, where those read
        otherwise than what was compared.
        """
        match decide(typed, current):
            case "write":
                return True
            case "same":
                self.wrote(typed.field, current.version, current.values)
            case "conflict":
                self.differs(came or typed, theirs() if theirs else current)
        return False

    def wrong(self, typed: Typed, words: str) -> None:
        self.errors[typed.field] = words
        self.mine[typed.field] = typed.values

    @property
    def status(self) -> int:
        if self.refused or self.conflicts:
            return 409
        return 422 if self.errors else 200

    def response(self, words: Mapping[str, Mapping[str, str]] | None = None) -> JsonResponse:
        """The answer to script. `words` gives, for a field, how a stored value reads: {"2": "2 Developing"}."""
        words = words or {}
        told: dict[str, object] = {
            "saved": self.saved,
            "bases": self.bases,
            "saved_at": time_of_day(clock.now().astimezone(clock.LONDON).time()),
            "parts": self.parts,
        }
        if self.conflicts:
            told["conflicts"] = {
                name: {
                    "version": current.version,
                    "base": base(current.version, current.values),
                    "values": current.values,
                    "html": render_to_string(
                        "components/conflict.html", {"conflict": conflict(name, current, words.get(name))}
                    ),
                }
                for name, current in self.conflicts.items()
            }
        if self.errors:
            told["errors"] = self.errors
        if self.refused:
            told["refused"] = self.refused
        return JsonResponse(told, status=self.status)


def conflict(name: str, current: Current, words: Mapping[str, str] | None = None) -> dict[str, object]:
    """What components/conflict.html draws: a field that two people changed, for a page without script too."""
    shown = [(words or {}).get(value, value) for value in current.values]
    return {"name": name, "by": current.by, "at": current.at, "theirs": shown}
