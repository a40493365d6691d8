"""What stands behind a mark in a form: words, or a tick that can be written in each of the ways forms tick."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from keywork.typed import for_word

TICK, BOX, TICKED_BOX = "✓", "☐", "☒"


class Value:
    """Words with named parts: `{{ it }}` is the words, `{{ it.part }}` a part. False where there are no words."""

    __slots__ = ("_held", "_parts", "_words")

    def __init__(
        self, words: str = "", parts: Mapping[str, Any] | None = None, holds: bool | None = None
    ) -> None:
        self._words = plain(words)
        self._parts = parts or {}
        self._held = bool(self._words) if holds is None else holds

    def __str__(self) -> str:
        return self._words

    def __bool__(self) -> bool:
        return self._held

    def __getattr__(self, name: str) -> Any:
        try:
            return self._parts[name]
        except KeyError:
            raise AttributeError(name) from None


class Rows(list[Value]):
    """Rows of a table, each a Value of its columns; a row that is not there is empty."""

    def __init__(self, rows: Iterable[Value], columns: Mapping[str, Value]) -> None:
        super().__init__(rows)
        self.empty = Value(parts=columns)

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(place) if 0 <= place < len(self) else self.empty


def plain(words: str) -> str:
    """As a form takes it: line breaks kept, no sign that a Word file cannot hold, and nothing that looks like a mark."""
    kept = for_word(str(words)).replace("\t", " ")
    return re.sub(r"\{(?=[_{%#])|(?<=[_}%#])\}", lambda found: f"{found[0]}\u200a", kept)


def tick(ticked: bool) -> Value:
    """A sign in an empty cell; `.box` is a box with or without a cross, `.checked` 1 or 0 for Word's own boxes."""
    parts = {
        "box": Value(TICKED_BOX if ticked else BOX, holds=ticked),
        "checked": Value("1" if ticked else "0"),
    }
    return Value(TICK if ticked else "", parts, ticked)


def yes_no(answer: bool | None) -> Value:
    """Yes or No in words, Y or N, or two cells; nothing is ticked where it is not known."""
    yes, no = tick(answer is True), tick(answer is False)
    words = {True: "Yes", False: "No", None: ""}[answer]
    parts = {
        "yes": yes,
        "no": no,
        "y_n": Value(words[:1]),
        "box": yes.box,
        "checked": yes.checked,
        "tick": yes,
    }
    return Value(words, parts, answer is True)


def one_of(chosen: str, options: Mapping[str, str]) -> Value:
    return some_of([chosen] if chosen else [], options)


def some_of(chosen: Iterable[str], options: Mapping[str, str]) -> Value:
    """The chosen in words, and a tick for each of the options."""
    given = list(chosen)
    words = ", ".join(label for key, label in options.items() if key in given)
    return Value(words, {key: tick(key in given) for key in options})


# What may follow the name of a field of each kind.
TICK_PARTS = ("", ".box")
YES_NO_PARTS = ("", ".yes", ".no", ".y_n", ".tick", ".box", ".yes.box", ".no.box", ".tick.box")
