"""The questions of a form that is filled in: what was typed into one as a value, a value as inputs, a value as words.

Every type of the form is known here once, for staff, students and parents alike. All inputs of a question carry
its slug as their name; a question of several inputs (a table, agreed actions, an example) posts its cells in order,
row by row. A value is what `Answer.value` keeps:

  text, long_text   words                        tag_list          a list of short words
  scale_0_4         0 to 4, or "no": not sure    choice            one of the options
  area_multi …      slugs of areas, statements   date              "2026-11-23"
  duration_minutes  a number                     evidence          {"on": day, "words": words}
  action_list       rows of what, who, by        table             rows by column key; `fixed_rows` name the first
  tick              "not-yet", "sometimes", "yes", "not-sure" (a statement; field "statement:<slug>")

A table's rows may hold more than the list shows (where somebody put a person on the circle map): it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Protocol

from keywork.dates import day_in_full
from keywork.names import is_blank, one_line
from keywork.saving import plain
from keywork.typed import look_at_the_year, sane_year
from keywork.words import filled, translated

from . import circle
from .checks import Doc
from .circle import Column, column
from .typed import Audience, Question

TICKS: Final[Mapping[str, str]] = {
    "not-yet": "Not yet",
    "sometimes": "Sometimes",
    "yes": "Yes",
    "not-sure": "Not sure",
}
STATEMENT = "statement:"
# Five points of a question that rates no statement ("How safe I feel"): words that fit any of them.
SCALE: Final[Mapping[str, str]] = {
    "0": "Not at all",
    "1": "A little",
    "2": "In between",
    "3": "Mostly",
    "4": "Completely",
    "no": "Not sure",
}
ACTION: Final = (("what", "What"), ("who", "Who"), ("by", "By when"))

MOST_TEXT, MOST_LINE, MOST_CELL, MOST_TAG = 5000, 300, 500, 80  # characters
MOST_TAGS, MOST_ROWS = 30, 40
MOST_MINUTES = 24 * 60
OF_SEVERAL_INPUTS: Final = frozenset({"table", "action_list", "evidence"})


class Form(Protocol):
    """What questions about areas and statements are asked of; one without them needs none of it."""

    @property
    def areas(self) -> Sequence[Any]: ...
    @property
    def statements(self) -> Mapping[str, Any]: ...
    @property
    def in_use(self) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `options`, `columns` and `rows` are empty where the type has none."""

    slug: str
    type: str
    label: str
    student_label: str = ""
    parent_label: str = ""
    required: bool = False
    sensitive: bool = False
    options: tuple[str, ...] = ()
    default: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    alert_if_at_most: int | None = None
    active: bool = True

    def wording(self, audience: Audience) -> str:
        special = {"student": self.student_label, "parent": self.parent_label}.get(audience, "")
        return translated(special or self.label)


def of_field(doc: Doc) -> Field:
    return Field(
        slug=doc["slug"],
        label=doc["label"],
        student_label=doc.get("pupil_label", ""),
        parent_label=doc.get("parent_label", ""),
        type=doc["type"],
        required=doc.get("required", False),
        sensitive=doc.get("sensitive", False),
        options=tuple(doc.get("options", ())),
        default=doc.get("default", ""),
        columns=tuple(doc.get("columns", ())),
        rows=tuple(doc.get("fixed_rows", ())),
        alert_if_at_most=doc.get("alert_if_at_most"),
        active=doc.get("active", True),
    )


class Wrong(ValueError):
    """What was typed cannot be kept; the sentence says what to do."""


def question(name: str, fields: Iterable[Field], form: Form) -> Field | None:
    """The question an input's name stands for: one of these, or a statement to tick. None is no question."""
    if name.startswith(STATEMENT):
        statement = form.statements.get(name.removeprefix(STATEMENT))
        return tick_of(statement) if statement is not None and statement.active else None
    return next((field for field in fields if field.slug == name and field.type != "ehcp_outcome"), None)


def tick_of(statement: Question) -> Field:
    """A statement as a question: the same four answers for students and families (domain 2.3)."""
    return Field(
        slug=STATEMENT + statement.slug,
        label=statement.staff,
        student_label=statement.student,
        parent_label=statement.parent,
        type="tick",
        options=tuple(TICKS),
    )


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def is_alert(question: Field, value: Any) -> bool:
    """Is this an answer the form asks the keyworker to think about ("How safe I feel", 0 or 1)?"""
    most = question.alert_if_at_most
    return most is not None and isinstance(value, int) and not isinstance(value, bool) and value <= most


def canonical(value: Any) -> tuple[str, ...]:
    """A value as the one text by which two are compared; nothing for an empty one (keywork.saving)."""
    return () if is_empty(value) else (json.dumps(value, sort_keys=True, ensure_ascii=False),)


def columns_of(field: Field) -> tuple[Column, ...]:
    return tuple(column(label) for label in field.columns)


def is_circle(field: Field) -> bool:
    """The people of the social circle map: drawn, and each with the angle where somebody put them."""
    return field.slug == circle.PEOPLE and field.type == "table" and not field.rows


def row_title(slug: str) -> str:
    """ "Early signs" of "early_signs"."""
    words = slug.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


# -------------------------------------------------------------------------------------- typed → value


def parse(field: Field, typed: Sequence[str], form: Form, before: Any = None) -> Any:
    """The value of what was typed, "" or an empty list for none or for invisible marks alone. `before` is the value as stored. Raises Wrong."""
    if any("\x00" in text for text in typed):
        raise Wrong("Something in this cannot be kept. Type it again, without pasting")
    seen = ["" if is_blank(text) else plain(text) for text in typed]
    return _PARSERS[field.type](field, seen, form, before)


def _first(typed: Sequence[str]) -> str:
    return next((text for text in typed if text.strip()), "").strip()


def _shorter(text: str, most: int, what: str = "This") -> str:
    if len(text) > most:
        raise Wrong(filled("{what} is longer than {most} characters. Make it shorter", what=what, most=most))
    return text


def _line(field: Field, typed: Sequence[str], form: Form, before: Any) -> str:
    return _shorter(one_line(_first(typed)), MOST_LINE)


def _long(field: Field, typed: Sequence[str], form: Form, before: Any) -> str:
    return _shorter(_first(typed), MOST_TEXT)


def _tags(field: Field, typed: Sequence[str], form: Form, before: Any) -> list[str]:
    lines = [" ".join(line.split()) for text in typed for line in text.splitlines()]
    tags = list(dict.fromkeys(line for line in lines if line))
    if len(tags) > MOST_TAGS:
        raise Wrong(filled("Keep it to {most} lines", most=MOST_TAGS))
    for tag in tags:
        _shorter(tag, MOST_TAG, f"“{tag[:30]}…”")
    return tags


def _scale(field: Field, typed: Sequence[str], form: Form, before: Any) -> int | str:
    chosen = _one_of(_first(typed), SCALE)
    return int(chosen) if chosen.isdigit() else chosen


def _choice(field: Field, typed: Sequence[str], form: Form, before: Any) -> str:
    return _one_of(_first(typed), field.options)


def _one_of(chosen: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    if chosen and chosen not in known:
        raise Wrong("Choose one of the answers")
    return chosen


def _some_of(typed: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    chosen = {text for text in typed if text}
    if not chosen <= known.keys():
        raise Wrong("Choose from the list")
    return [slug for slug in known if slug in chosen]


def _areas(form: Form) -> dict[str, str]:
    return {area.slug: area.title for area in form.areas}


def _statements(form: Form) -> dict[str, str]:
    return {one.slug: one.staff for one in form.in_use}


def _date(field: Field, typed: Sequence[str], form: Form, before: Any) -> str:
    return _day(_first(typed))


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Wrong("Write a real date, like 26/11/2026") from None
    if not sane_year(day):
        raise Wrong(look_at_the_year(day))
    return day.isoformat()


def _minutes(field: Field, typed: Sequence[str], form: Form, before: Any) -> int | str:
    text = _first(typed)
    if not text:
        return ""
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 0 < int(text) <= MOST_MINUTES):
        raise Wrong("Write whole minutes, like 20")
    return int(text)


def _evidence(field: Field, typed: Sequence[str], form: Form, before: Any) -> dict[str, str] | str:
    day, words = (*typed, "", "")[:2]
    found = {"on": _day(day.strip()), "words": _shorter(words.strip(), MOST_TEXT)}
    if found["on"] and not found["words"]:
        raise Wrong("Say what happened that day")
    return found if any(found.values()) else ""


def _actions(field: Field, typed: Sequence[str], form: Form, before: Any) -> list[dict[str, str]]:
    rows = []
    for cells in _rows_of(typed, len(ACTION)):
        what, who, by = (" ".join(cell.split()) for cell in cells)
        if not (what or who or by):
            continue
        if not what:
            raise Wrong("Say what was agreed in each line")
        rows.append({"what": _shorter(what, MOST_CELL), "who": _shorter(who, MOST_LINE), "by": _day(by)})
    return _not_too_many(rows)


def _table(field: Field, typed: Sequence[str], form: Form, before: Any) -> list[dict[str, Any]]:
    columns = columns_of(field)
    if field.rows:
        written = columns[1:]
        given = list(_rows_of(typed, len(written)))[: len(field.rows)]
        given += [[""] * len(written)] * (len(field.rows) - len(given))
        rows = [
            {columns[0].key: slug} | _cells(written, cells)
            for slug, cells in zip(field.rows, given, strict=True)
        ]
        return rows if any(row[one.key] for row in rows for one in written) else []
    if is_circle(field):
        return _people(columns, typed)
    rows = []
    for cells in _rows_of(typed, len(columns)):
        row = _cells(columns, cells)
        if not any(row.values()):
            continue
        if not row[columns[0].key]:
            raise Wrong(filled("Fill in “{title}” in each line", title=translated(columns[0].title)))
        rows.append(row)
    return _keep_more(_not_too_many(rows), before, columns)


def _people(columns: Sequence[Column], typed: Sequence[str]) -> list[dict[str, Any]]:
    """A line without a name yet is kept as it is: somebody may choose the circle first."""
    rows = []
    for *cells, angle in _rows_of(typed, len(columns) + 1):
        row = _cells(columns, cells)
        if any(row.values()):
            placed = circle.angle_of(angle)
            rows.append(row if placed is None else row | {circle.ANGLE: placed})
    return _not_too_many(rows)


def _cells(columns: Sequence[Column], cells: Sequence[str]) -> dict[str, Any]:
    row = {}
    for one, cell in zip(columns, cells, strict=True):
        row[one.key] = (
            _one_of(cell.strip(), one.options) if one.options else _shorter(cell.strip(), MOST_CELL)
        )
    return row


def _keep_more(rows: list[dict[str, Any]], before: Any, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """What a stored row holds beside its columns goes on with the row of the same name."""
    shown = {one.key for one in columns}
    more = {
        row.get(columns[0].key): {key: value for key, value in row.items() if key not in shown}
        for row in (before if isinstance(before, list) else ())
    }
    return [row | more.get(row[columns[0].key], {}) for row in rows]


def _rows_of(typed: Sequence[str], width: int) -> list[list[str]]:
    """Cells row by row; what a browser left off at the end is empty."""
    cells = [*typed, *[""] * (-len(typed) % width)]
    return [cells[at : at + width] for at in range(0, len(cells), width)]


def _not_too_many(rows: list[Any]) -> list[Any]:
    if len(rows) > MOST_ROWS:
        raise Wrong(filled("Keep it to {most} lines", most=MOST_ROWS))
    return rows


_PARSERS: Mapping[str, Callable[[Field, Sequence[str], Form, Any], Any]] = {
    "text": _line,
    "long_text": _long,
    "tag_list": _tags,
    "scale_0_4": _scale,
    "choice": _choice,
    "tick": _choice,
    "area_single": lambda field, typed, form, before: _one_of(_first(typed), _areas(form)),
    "area_multi": lambda field, typed, form, before: _some_of(typed, _areas(form)),
    "item_single": lambda field, typed, form, before: _one_of(_first(typed), _statements(form)),
    "item_multi": lambda field, typed, form, before: _some_of(typed, _statements(form)),
    "date": _date,
    "duration_minutes": _minutes,
    "evidence": _evidence,
    "action_list": _actions,
    "table": _table,
}


# -------------------------------------------------------------------------------------- value → inputs


def inputs(field: Field, value: Any) -> list[str]:
    """What the inputs of the question hold, in order: `parse(field, inputs(field, value), …) == value`."""
    if is_empty(value):
        return []
    if field.type == "tag_list":
        return ["\n".join(value)]
    if field.type == "evidence":
        return [value["on"], value["words"]]
    if field.type == "action_list":
        return [str(row.get(key, "")) for row in value for key, _ in ACTION]
    if field.type == "table":
        columns = columns_of(field)[1:] if field.rows else columns_of(field)
        rows = _by_fixed_row(field, value) if field.rows else value
        keys = [one.key for one in columns] + ([circle.ANGLE] if is_circle(field) else [])
        return [str(row.get(key, "")) for row in rows for key in keys]
    if isinstance(value, list):
        return [str(one) for one in value]
    return [str(value)]


def _by_fixed_row(field: Field, value: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    key = columns_of(field)[0].key
    known = {row.get(key): row for row in value}
    return [known.get(slug, {}) for slug in field.rows]


# --------------------------------------------------------------------------------------- value → words


def area_titles(slugs: Sequence[str], form: Form, audience: Audience) -> list[str]:
    known = {area.slug: area.title_for(audience) for area in form.areas}
    return [known.get(slug, slug) for slug in slugs]


def in_words(field: Field, value: Any, form: Form, audience: Audience = "staff") -> list[str]:
    """A value as lines a person reads: for the timeline, its search, and beside a form; none when empty."""
    if is_empty(value):
        return []
    kind = field.type
    if kind == "tick":
        return [translated(TICKS.get(value, str(value)))]
    if kind == "scale_0_4":
        return [translated(SCALE.get(str(value), str(value)))]
    if kind == "choice":
        return [translated(str(value)[:1].upper() + str(value)[1:])]
    if kind == "date":
        return [day_in_full(date.fromisoformat(value))]
    if kind == "duration_minutes":
        return [filled("{value} minutes", value=value)]
    if kind in ("area_single", "area_multi"):
        return area_titles(value if isinstance(value, list) else [value], form, audience)
    if kind in ("item_single", "item_multi"):
        slugs = value if isinstance(value, list) else [value]
        return [
            form.statements[slug].wording(audience) if slug in form.statements else slug for slug in slugs
        ]
    if kind == "evidence":
        return [": ".join(filter(None, [_day_words(value["on"]), value["words"]]))]
    if kind == "action_list":
        return [
            ", ".join(filter(None, [row["what"], row["who"], row["by"] and f"by {_day_words(row['by'])}"]))
            for row in value
        ]
    if kind == "table":
        return _table_words(field, value)
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _day_words(iso: str) -> str:
    return day_in_full(date.fromisoformat(iso)) if iso else ""


def _table_words(field: Field, value: Sequence[Mapping[str, Any]]) -> list[str]:
    first, *others = columns_of(field)
    lines = []
    for row in value:
        cells = [str(row.get(one.key) or "") for one in others]
        if field.rows:
            if any(cells):
                said = "; ".join(
                    f"{one.title[:1].lower()}{one.title[1:]}: {cell}"
                    for one, cell in zip(others, cells, strict=True)
                    if cell
                )
                lines.append(f"{row_title(str(row.get(first.key, '')))}: {said}")
        else:
            lines.append(", ".join(filter(None, [str(row.get(first.key, "")), *cells])))
    return lines
