"""A question as it stands on a form: `{% include "questionnaires/_question.html" with question=question %}`.

Boxes are drawn from what the inputs hold, not from the value, so what somebody typed comes back to them whatever
was wrong with it. They carry what `keywork.saving` and autosave.js need to know: the version last seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from keywork.saving import Current, Saving, base, conflict
from keywork.words import translated

from . import circle, fields
from .fields import Field, Form
from .typed import Audience

SPARE_ROWS: Final[Mapping[str, int]] = {"table": 3, "action_list": 2}
_HINTS: Final[Mapping[str, str]] = {
    "tag_list": "One on each line.",
    "duration_minutes": "In minutes.",
}
_DRAWN_AS: Final[Mapping[str, str]] = {
    "text": "line",
    "long_text": "words",
    "tag_list": "words",
    "scale_0_4": "radios",
    "choice": "radios",
    "tick": "radios",
    "area_single": "radios",
    "area_multi": "checks",
    "item_single": "list",
    "item_multi": "grouped",
    "date": "date",
    "duration_minutes": "number",
    "evidence": "example",
    "action_list": "rows",
    "table": "rows",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it is in the database: its value, how often it was saved, and by whom last."""

    value: Any = ""
    version: int = 0
    by: str = ""
    at: Any = None


NOT_ANSWERED: Final = Stored()


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> int:
        return sum(option.chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class Cell:
    """One input of a row. `options` make it a list to choose from; `kind` is "line", "words" or "date"."""

    id: str
    label: str
    value: str
    kind: str
    hint: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRow:
    title: str
    cells: tuple[Cell, ...]
    filled: bool


@dataclass(frozen=True, slots=True)
class BoundQuestion:
    """What _question.html draws. `held` goes into the hidden partner; `theirs` is a conflict to show."""

    name: str
    id: str
    label: str
    drawn_as: str
    type: str
    audience: Audience
    required: bool
    held: str
    typed: tuple[str, ...]
    hint: str = ""
    error: str = ""
    theirs: Mapping[str, object] | None = None
    options: tuple[Option, ...] = ()
    groups: tuple[Group, ...] = ()
    rows: tuple[QuestionRow, ...] = ()
    optional: bool = False  # said so beside it
    grows: bool = False  # rows are added to it: saving gives more
    circle: circle.Circle | None = None  # the people of the circle map, to be drawn

    @property
    def is_one_input(self) -> bool:
        return self.drawn_as in ("line", "words", "date", "number", "list")

    @property
    def text(self) -> str:
        return self.typed[0] if self.typed else ""

    @property
    def first_id(self) -> str:
        """Where the error summary leads."""
        if self.circle:
            return f"{self.id}-0-{self.circle.columns[0].key}"
        if self.rows:
            return self.rows[0].cells[0].id
        if self.groups:
            return self.groups[0].options[0].id
        return self.options[0].id if self.options and self.drawn_as != "list" else self.id


def bind_question(
    question: Field,
    form: Form,
    audience: Audience,
    stored: Stored = NOT_ANSWERED,
    *,
    typed: Sequence[str] | None = None,
    error: str = "",
    theirs: Current | None = None,
) -> BoundQuestion:
    """One question with its inputs. `typed` is what came back instead of what is stored."""
    held = list(typed) if typed is not None else fields.inputs(question, stored.value)
    if typed is None and not stored.version and question.default:
        held = [question.default]
    name = question.slug
    box_id = "q-" + name.replace(":", "-")
    drawn_as = "circle" if fields.is_circle(question) else _DRAWN_AS[question.type]
    options, groups = _options(question, form, audience, box_id, held)
    return BoundQuestion(
        name=name,
        id=box_id,
        label=question.wording(audience),
        drawn_as=drawn_as,
        type=question.type,
        audience=audience,
        required=question.required,
        held=base(stored.version, fields.canonical(stored.value)),
        typed=tuple(held),
        hint=translated(_HINTS.get(question.type, "")),
        error=error,
        theirs=conflict(name, theirs) if theirs is not None else None,
        options=options,
        groups=groups,
        rows=() if drawn_as == "circle" else _rows(question, box_id, held),
        grows=(drawn_as == "rows" and not question.rows) or drawn_as == "circle",
        circle=_circle(question, held) if drawn_as == "circle" else None,
    )


def bind_questions(
    questions: Iterable[Field],
    form: Form,
    audience: Audience,
    stored: Mapping[str, Stored],
    saving: Saving | None = None,
) -> list[BoundQuestion]:
    """The questions in order, with what became of a save that was refused in part."""
    made = []
    for one in questions:
        if one.type == "ehcp_outcome":  # goals alone ask it, on a page of their own
            continue
        mine = saving.mine.get(one.slug) if saving else None
        made.append(
            bind_question(
                one,
                form,
                audience,
                stored.get(one.slug, NOT_ANSWERED),
                typed=mine,
                error=saving.errors.get(one.slug, "") if saving else "",
                theirs=saving.conflicts.get(one.slug) if saving else None,
            )
        )
    if audience == "staff" and any(one.required for one in made):  # else every question is
        made = [replace(one, optional=not one.required) for one in made]
    return made


@dataclass(frozen=True, slots=True)
class TickArea:
    title: str
    questions: tuple[BoundQuestion, ...]

    @property
    def ticked(self) -> int:
        return sum(bool(one.text) for one in self.questions)


def tick_areas(
    form: Form, audience: Audience, stored: Mapping[str, Stored], saving: Saving | None = None
) -> list[TickArea]:
    """Every statement in use with its four answers, area by area, in the wording of the audience."""
    return [
        TickArea(
            area.title_for(audience),
            tuple(
                bind_questions(
                    [fields.tick_of(one) for one in area.statements], form, audience, stored, saving
                )
            ),
        )
        for area in form.areas
    ]


def _options(
    question: Field, form: Form, audience: Audience, box_id: str, held: Sequence[str]
) -> tuple[tuple[Option, ...], tuple[Group, ...]]:
    chosen = set(held)
    if question.type in ("item_multi", "item_single"):
        groups = tuple(
            Group(
                area.title_for(audience),
                tuple(
                    Option(f"{box_id}-{one.slug}", one.slug, one.wording(audience), one.slug in chosen)
                    for one in area.statements
                ),
            )
            for area in form.areas
        )
        return (), groups
    pairs: Iterable[tuple[str, str]]
    if question.type == "scale_0_4":
        pairs = fields.SCALE.items()
    elif question.type == "tick":
        pairs = fields.TICKS.items()
    elif question.type in ("area_multi", "area_single"):
        slugs = [area.slug for area in form.areas]
        pairs = zip(slugs, fields.area_titles(slugs, form, audience), strict=True)
    else:
        pairs = ((option, option[:1].upper() + option[1:]) for option in question.options)
    return tuple(
        Option(f"{box_id}-{number}", value, translated(label), value in chosen)
        for number, (value, label) in enumerate(pairs)
    ), ()


def _circle(question: Field, held: Sequence[str]) -> circle.Circle:
    keys = circle.keys(question.columns)
    cells = [*held, *[""] * (-len(held) % len(keys))]
    rows = [
        dict(zip(keys, cells[at : at + len(keys)], strict=True)) for at in range(0, len(cells), len(keys))
    ]
    return circle.draw([row for row in rows if any(row.values())], question.columns)


def _rows(question: Field, box_id: str, held: Sequence[str]) -> tuple[QuestionRow, ...]:
    if question.type not in fields.OF_SEVERAL_INPUTS:
        return ()
    fixed: tuple[str, ...] = ()
    heads: list[tuple[str, str, str, tuple[str, ...]]]
    if question.type == "evidence":
        heads = [("Day", "date", "", ()), ("What happened", "words", "", ())]
    elif question.type == "action_list":
        heads = [(label, "date" if key == "by" else "line", "", ()) for key, label in fields.ACTION]
    else:
        columns = fields.columns_of(question)[1 if question.rows else 0 :]
        heads = [(one.title, "words" if question.rows else "line", one.hint, one.options) for one in columns]
        fixed = question.rows
    width = len(heads)
    # An example is one line, filled in or not; tables and actions have room for more.
    count = (
        1
        if question.type == "evidence"
        else len(fixed) or (-(-len(held) // width) + SPARE_ROWS.get(question.type, 0))
    )
    rows = []
    for number in range(count):
        values = [*held[number * width : (number + 1) * width], *[""] * width][:width]
        cells = tuple(
            Cell(
                f"{box_id}-{number}-{place}",
                translated(label),
                value,
                kind,
                translated(hint),
                tuple(
                    Option("", option, translated(option[:1].upper() + option[1:]), option == value)
                    for option in options
                ),
            )
            for place, ((label, kind, hint, options), value) in enumerate(zip(heads, values, strict=True))
        )
        rows.append(
            QuestionRow(translated(fields.row_title(fixed[number])) if fixed else "", cells, any(values))
        )
    return tuple(rows)


# ------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer to read: lines of words, or a table with its head."""

    name: str
    label: str
    type: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()  # cells with the title of their column
    alert: bool = False
    by: str = ""
    at: Any = None
    circle: circle.Circle | None = None  # the people of the circle map, to be drawn

    @property
    def empty(self) -> bool:
        return not self.lines and not self.rows


def shown(question: Field, form: Form, audience: Audience, stored: Stored) -> ShownAnswer:
    """One answer as it is read. A table keeps its head; everything else is lines."""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()
    lines: tuple[str, ...] = ()
    if question.type == "table" and stored.value:
        columns = fields.columns_of(question)
        head = tuple(one.title for one in columns)
        rows = tuple(
            tuple(
                (one.title, _cell_words(question, place, row.get(one.key)))
                for place, one in enumerate(columns)
            )
            for row in stored.value
            if any(row.get(one.key) for one in columns[1:]) or not question.rows
        )
    else:
        lines = tuple(fields.in_words(question, stored.value, form, audience))
    return ShownAnswer(
        name=question.slug,
        label=question.wording(audience),
        type=question.type,
        lines=lines,
        head=head,
        rows=rows,
        alert=fields.is_alert(question, stored.value),
        by=stored.by,
        at=stored.at,
        circle=circle.draw(stored.value, question.columns) if rows and fields.is_circle(question) else None,
    )


def _cell_words(question: Field, place: int, value: Any) -> str:
    words = str(value or "")
    return fields.row_title(words) if question.rows and not place else words
