"""The questions of a sheet as students and families are asked them, and answers as they are told to them.

Words are for a reading age of 9 (students) and 11 (parents and carers). Who sees what is tsp.sheets.permissions's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from keywork.saving import Saving
from keywork.words import translated
from questionnaires.bound_questions import (
    NOT_ANSWERED,
    BoundQuestion,
    QuestionRow,
    ShownAnswer,
    Stored,
    bind_questions,
    shown,
)
from questionnaires.fields import Field, columns_of, row_title
from students.models import Student

from ..questions.templates import Audience, Template, Tool
from .soft_tools import TOOLS

NOTHING_YET: Final = "Write something first. One answer is enough."

# Answers that only an adult can give about a student.
_NOT_OFFERED: Final = "keyworker observed"
# As the shipped form words it, behind a question about school.
_RESIDENCE: Final = " (and in residence)"
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


def asked(tool: Tool, audience: Audience) -> tuple[Field, ...]:
    """The questions of a tool for a student or a parent, with the answers that are theirs to give."""
    left_out = TOOLS[tool.slug].school_answers
    return tuple(
        replace(one, options=tuple(each for each in one.options if not each.startswith(_NOT_OFFERED)))
        if one.type == "choice"
        else one
        for one in tool.fields
        if one.slug not in left_out
    )


def for_placement(tool: Tool, student: Student) -> Tool:
    """The tool as this student is asked: somebody who goes home each day is not asked about residence."""
    if student.placement != Student.Placement.DAY:
        return tool

    def by_day(one: Field) -> Field:
        label, student_label = (words.replace(_RESIDENCE, "") for words in (one.label, one.student_label))
        return replace(one, label=label, student_label=student_label)

    return replace(tool, fields=tuple(map(by_day, tool.fields)), retired=tuple(map(by_day, tool.retired)))


def stage_words(slug: str, audience: Audience) -> str:
    return translated(_STAGES.get(slug, {}).get(audience) or row_title(slug))


def _heads(question: Field, audience: Audience) -> dict[str, str]:
    """The form's title of each column to the words of the audience."""
    return {
        one.title: translated(_COLUMNS.get(one.key, {}).get(audience) or one.title)
        for one in columns_of(question)
    }


def bound_questions(
    questions: Iterable[Field],
    form: Template,
    audience: Audience,
    stored: Mapping[str, Stored],
    saving: Saving | None = None,
) -> list[BoundQuestion]:
    """The questions on a form, their rows and columns in the words of the audience."""
    known = {one.slug: one for one in questions}
    bound = bind_questions(known.values(), form, audience, stored, saving)
    return [_in_words(one, known[one.name], audience) for one in bound]


def _in_words(bound: BoundQuestion, question: Field, audience: Audience) -> BoundQuestion:
    if not question.rows:
        return bound
    heads = list(_heads(question, audience).values())[1:]
    rows = tuple(
        QuestionRow(
            stage_words(slug, audience),
            tuple(replace(cell, label=head) for cell, head in zip(row.cells, heads, strict=True)),
            row.filled,
        )
        for slug, row in zip(question.rows, bound.rows, strict=True)
    )
    return replace(bound, rows=rows)


def answers_given(
    questions: Iterable[Field], form: Template, audience: Audience, stored: Mapping[str, Stored]
) -> list[ShownAnswer]:
    """Every question with an answer, whoever gave it, as it is read."""
    answers = [
        _answer_in_words(shown(one, form, audience, stored.get(one.slug, NOT_ANSWERED)), one, audience)
        for one in questions
    ]
    return [one for one in answers if not one.empty]


def _answer_in_words(answer: ShownAnswer, question: Field, audience: Audience) -> ShownAnswer:
    if not question.rows or audience == "staff":
        return answer
    by_title = {row_title(slug): stage_words(slug, audience) for slug in question.rows}
    heads = _heads(question, audience)
    rows = tuple(
        tuple(
            (heads[title], by_title.get(words, words) if not place else words)
            for place, (title, words) in enumerate(row)
        )
        for row in answer.rows
    )
    return replace(answer, head=tuple(heads[title] for title in answer.head), rows=rows)
