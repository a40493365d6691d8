"""What students and families find on pages of their own: whose turn it is, one question at a time, in their words.

Nothing here decides who sees what: that is tsp.sheets.permissions's. Words are for a reading age of 9 (students) and 11
(parents and carers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.urls import reverse

from keywork import clock
from keywork.absences import away_until, first_here
from keywork.models import Assignment, User
from students.models import Student

from ..models import Answer, Sheet, Tool
from ..questions.bound_questions import BoundQuestion, QuestionRow, ShownAnswer
from ..questions.fields import columns_of, is_empty, row_title
from ..questions.templates import Audience, Field
from ..questions.templates import Tool as FormTool
from ..sheets.soft_tools import OF_A_TERM, STUDENT_TOOLS, TOOLS

MOST_TURNS = 3
# Where a student says that what an adult wrote for them is not right (domain 2.4: "my keyworker wrote this").
NOT_RIGHT: Final = "not-right"

# Answers that only an adult can give about a student.
_NOT_OFFERED: Final = "keyworker observed"

# A stage of the regulation map as each audience says it; the form's own word for stages added later.
_STAGES: Final[Mapping[str, Mapping[Audience, str]]] = {
    "calm": {"student": "When I am calm", "parent": "When they are calm"},
    "early_signs": {"student": "When it starts to get hard", "parent": "The first signs that it gets hard"},
    "struggling": {"student": "When it is really hard", "parent": "When they are struggling"},
    "crisis": {"student": "When it is too much", "parent": "When it is too much"},
    "recovery": {"student": "When I feel better again", "parent": "When they are getting better"},
}
_COLUMNS: Final[Mapping[str, Mapping[Audience, str]]] = {
    "what-you-might-see": {"student": "What people can see", "parent": "What you see"},
    "what-i-feel": {"student": "What I feel", "parent": "What they feel, as they tell you"},
    "what-i-can-do": {"student": "What I can do", "parent": "What they can do"},
    "what-others-should-do": {"student": "What others can do", "parent": "What you do"},
    "what-does-not-help": {"student": "What does not help", "parent": "What does not help"},
}


# As the shipped form words it, behind a question about school.
_RESIDENCE: Final = " (and in residence)"


@dataclass(frozen=True, slots=True)
class SheetTurn:
    """One thing asked of somebody: at most three stand on a home page."""

    title: str
    words: str
    url_name: str
    keys: tuple[Any, ...]
    button: str

    @property
    def url(self) -> str:
        return reverse(self.url_name, args=self.keys)


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One screen of a sheet: a question, or one row of a table that has its rows given."""

    slug: str
    question: Field
    title: str
    row: int | None = None


def asked(tool: FormTool, audience: Audience) -> tuple[Field, ...]:
    """The questions of a tool for a student or a parent, with the answers that are theirs to give."""
    left_out = TOOLS[tool.slug].school_answers
    return tuple(_offered(one, audience) for one in tool.fields if one.slug not in left_out)


def _offered(question: Field, audience: Audience) -> Field:
    if question.type != "choice" or audience == "staff":
        return question
    return replace(
        question, options=tuple(one for one in question.options if not one.startswith(_NOT_OFFERED))
    )


def steps_of(tool: FormTool) -> list[SheetStep]:
    """The screens a student goes through, one question each."""
    steps = []
    for one in asked(tool, "student"):
        if one.rows:
            steps += [
                SheetStep(f"{one.slug}-{slug.replace('_', '-')}", one, stage_words(slug, "student"), row)
                for row, slug in enumerate(one.rows)
            ]
        else:
            steps.append(SheetStep(one.slug, one, one.wording("student")))
    return steps


def stage_words(slug: str, audience: Audience) -> str:
    return _STAGES.get(slug, {}).get(audience) or row_title(slug)


def in_their_words(box: BoundQuestion, question: Field, audience: Audience) -> BoundQuestion:
    """The box of a table with its rows and columns said for the audience."""
    if not question.rows:
        return box
    heads = [_COLUMNS.get(one.key, {}).get(audience) or one.title for one in columns_of(question)[1:]]
    rows = tuple(
        QuestionRow(
            stage_words(slug, audience),
            tuple(replace(cell, label=head) for cell, head in zip(row.cells, heads, strict=True)),
            row.filled,
        )
        for slug, row in zip(question.rows, box.rows, strict=True)
    )
    return replace(box, rows=rows)


def told_in_their_words(answer: ShownAnswer, question: Field, audience: Audience) -> ShownAnswer:
    """As `in_their_words`, of an answer that is read."""
    if not question.rows or audience == "staff":
        return answer
    by_title = {row_title(slug): stage_words(slug, audience) for slug in question.rows}
    heads = {one.title: _COLUMNS.get(one.key, {}).get(audience) or one.title for one in columns_of(question)}
    rows = tuple(
        tuple(
            (heads[title], by_title.get(words, words) if not place else words)
            for place, (title, words) in enumerate(row)
        )
        for row in answer.rows
    )
    return replace(answer, head=tuple(heads[title] for title in answer.head), rows=rows)


def for_placement(tool: FormTool, student: Student) -> FormTool:
    """The tool as this student is asked: somebody who goes home each day is not asked about residence."""
    if student.placement != Student.Placement.DAY:
        return tool
    return replace(tool, fields=tuple(map(_by_day, tool.fields)), retired=tuple(map(_by_day, tool.retired)))


def _by_day(one: Field) -> Field:
    return replace(
        one, label=one.label.replace(_RESIDENCE, ""), student_label=one.student_label.replace(_RESIDENCE, "")
    )


def answered(step: SheetStep, value: Any) -> bool:
    """Is there anything for this screen yet?"""
    if is_empty(value):
        return False
    if step.row is None:
        return True
    columns = columns_of(step.question)
    row: dict[str, Any] = next(
        (row for row in value if row.get(columns[0].key) == step.question.rows[step.row]), {}
    )
    return any(row.get(one.key) for one in columns[1:])


# ------------------------------------------------------------------------------------- whose turn


def student_sheets(student: Student) -> list[Sheet]:
    """Every standing sheet that is the student's own, newest first; a parent's home view is not."""
    rows = Sheet.objects.standing().filter(student=student, tool__in=STUDENT_TOOLS)
    return list(rows.exclude(wording=Sheet.Wording.PARENT).select_related("author"))


def to_check(sheets: Iterable[Sheet], term: str) -> list[Sheet]:
    """What an adult wrote for the student, done and not yet answered. One query.

    A note that it is not right is an answer; what the adult writes after it is asked about again.
    """
    waiting = [
        sheet
        for sheet in sheets
        if sheet.wording == Sheet.Wording.STAFF
        and sheet.done_at is not None
        and sheet.checked_at is None
        and sheet.term == term
    ]
    if not waiting:
        return []
    noted: dict[int, Any] = {}
    written: dict[int, Any] = {}
    rows = Answer.objects.filter(sheet__in=waiting).order_by("at").values_list("sheet", "field", "at")
    for sheet_id, name, at in rows:
        (noted if name == NOT_RIGHT else written)[sheet_id] = at
    return [
        sheet
        for sheet in waiting
        if sheet.pk not in noted or written.get(sheet.pk, noted[sheet.pk]) > noted[sheet.pk]
    ]


def student_turns(student: Student, term: str, in_term: bool) -> list[SheetTurn]:
    """At most three. Three queries.

    Their own voice of this term comes first, behind one thing to check at most, so that what adults wrote never
    crowds it out; then what else is to be checked, what was begun, and what is asked this term. Nothing new is
    asked in a holiday or of somebody who is not at school.
    """
    sheets = student_sheets(student)
    checks = [
        SheetTurn(
            f"Is this right? {TOOLS[sheet.tool].student_title}",
            f"{_first_name(sheet.author)} wrote it down for you.",
            "tsp:own_read",
            (sheet.pk,),
            "Look",
        )
        for sheet in to_check(sheets, term)
    ]
    asks = {
        sheet.tool: SheetTurn(
            TOOLS[sheet.tool].student_title, "You have begun this.", "tsp:own_start", (sheet.tool,), "Go on"
        )
        for sheet in sorted(sheets, key=lambda one: STUDENT_TOOLS.index(Tool(one.tool)))
        if sheet.is_open
    }
    if in_term:
        for tool in STUDENT_TOOLS:
            if tool not in asks and not any(sheet.tool == tool and serves(sheet, term) for sheet in sheets):
                one = TOOLS[tool]
                asks[tool] = SheetTurn(one.student_title, one.student_hint, "tsp:own_start", (tool,), "Start")
    voice = asks.pop(Tool.VOICE, None)
    mine = [voice] if voice else []
    return [*checks[:1], *mine, *checks[1:], *asks.values()][:MOST_TURNS]


def serves(sheet: Sheet, term: str) -> bool:
    """Is this sheet, done or declined or begun, the answer to what is asked in this term?"""
    if sheet.is_open or sheet.tool in OF_A_TERM:
        return sheet.is_open or sheet.term == term
    return _year(sheet.term) == _year(term)


def _year(term: str) -> str:
    """ "2026-27" of "2026-27-autumn"."""
    return term.rpartition("-")[0] or term


# ----------------------------------------------------------------------------------------- people


def keyworker_of(student: Student) -> User | None:
    """Whom to ask today: the keyworker, or the deputy where there is none or while they are away; two queries."""
    kinds = [Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY]
    rows = Assignment.objects.current(clock.today()).filter(
        student=student, kind__in=kinds, user__is_active=True
    )
    found = {row.kind: row.user for row in rows.select_related("user")}
    away = away_until(clock.today(), [user.pk for user in found.values()])
    return first_here((found.get(kind) for kind in kinds), away)


def _first_name(user: User | None) -> str:
    return user.get_short_name() if user else "Somebody"


def after(steps: Sequence[SheetStep], slug: str) -> tuple[int, SheetStep | None, SheetStep | None]:
    """The place of a screen (from 0), the one before and the one behind it. Raises KeyError."""
    for place, one in enumerate(steps):
        if one.slug == slug:
            before = steps[place - 1] if place else None
            behind = steps[place + 1] if place + 1 < len(steps) else None
            return place, before, behind
    raise KeyError(slug)
