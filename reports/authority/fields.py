"""Every field that can be placed in a local authority's form: one list for the page, the checker and the filler; and
what stands behind its mark: words, or a tick that can be written in each of the ways forms tick.

The list is data: `fixtures/authority_fields.json`. A field with a `source` comes from the record
(reports/authority/facts.py); one without is typed by hand before the form is filled, until Keywork holds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from care.models import Outcome
from keywork.typed import for_word
from students.models import Student

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


Kind = Literal["text", "long", "day", "number", "yes_no", "one_of", "some_of", "rows"]


@dataclass(frozen=True, slots=True)
class Field:
    """`name` stands between {{ and }}; `source`, of Facts, is text, a date, True, False or None, keys of `options`, or rows."""

    name: str
    words: str
    example: str
    kind: Kind = "text"
    source: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[Field, ...] = ()

    @property
    def typed(self) -> bool:
        return not self.source

    @property
    def box(self) -> str:
        """The name of its input on the page where it is typed."""
        return self.name.replace(".", "_")

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]

    def paths(self) -> Iterator[str]:
        """Each way it can be written, without rows' columns."""
        if self.kind == "yes_no":
            yield from (f"{self.name}{part}" for part in YES_NO_PARTS)
        else:
            yield self.name
        for key in self.options:
            yield from (f"{self.name}.{key}{part}" for part in TICK_PARTS)

    def value(self, given: Any) -> Any:
        """What `source` gave, or what was typed, as it is put into the form."""
        if self.kind == "rows":
            names = {column.name: column for column in self.columns}
            return Rows(
                (
                    Value(parts={name: column.value(row.get(name)) for name, column in names.items()})
                    for row in given or ()
                ),
                {name: column.value(None) for name, column in names.items()},
            )
        if self.kind == "yes_no":
            return yes_no({"yes": True, "no": False}.get(given) if isinstance(given, str) else given)
        if self.kind == "one_of":
            return one_of(given or "", self.options)
        if self.kind == "some_of":
            return some_of(given or (), self.options)
        return Value(in_words(given))


def in_words(given: Any) -> str:
    if isinstance(given, date):
        return f"{given.day} {given:%B %Y}"
    return "" if given is None else str(given)


def _field(row: Mapping[str, Any]) -> Field:
    options, columns = row.get("options", {}), row.get("columns", ())
    return Field(
        **{
            **row,
            "options": options if isinstance(options, dict) else OPTIONS[options],
            "columns": tuple(_field(column) for column in columns),
        }
    )


# What the file names that is listed elsewhere.
OPTIONS = {"needs": dict(Student.Need.choices), "pfa": dict(Outcome.Pfa.choices)}
_FILE = json.loads(
    (Path(__file__).parents[1] / "fixtures" / "authority_fields.json").read_text(encoding="utf-8")
)
FIELDS: tuple[Field, ...] = tuple(_field(row) for row in _FILE["fields"])
TITLES: Mapping[str, str] = _FILE["titles"]

BY_NAME: Mapping[str, Field] = {one.name: one for one in FIELDS}
ROWS: Mapping[str, Field] = {one.name: one for one in FIELDS if one.kind == "rows"}
# The same label for two parents: parent1.name beside parents[0].name.
NUMBERED: Mapping[str, tuple[str, int]] = {"parent1": ("parents", 0), "parent2": ("parents", 1)}
GROUPS = frozenset({one.group for one in FIELDS} | NUMBERED.keys())

# Each way a field can be written, and the field: "student.looked_after.yes" to student.looked_after.
PATHS: Mapping[str, Field] = {path: one for one in FIELDS if one.kind != "rows" for path in one.paths()}
# The same of the columns of rows, by the rows' name.
COLUMNS: Mapping[str, Mapping[str, Field]] = {
    name: {path: column for column in rows.columns for path in column.paths()} for name, rows in ROWS.items()
}
