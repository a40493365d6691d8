"""A document as the pages show it: what of a section and a question is read, and in whose words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .checks import Doc, in_use
from .description import Audience, Questionnaire, Sections


@dataclass(frozen=True)
class Question:
    """`words` are what staff read; `wordings` those of other audiences that have words of their own."""

    slug: str
    words: str
    wordings: Sequence[tuple[str, str]]
    notes: Sequence[str]
    is_fixed: bool


@dataclass(frozen=True)
class Section:
    """`number` is its place among those in use, 0 for a retired one or one that has none."""

    slug: str
    doc: Doc
    number: int
    is_retired: bool
    notes: Sequence[str]
    questions: Sequence[Question]
    retired: Sequence[Question]

    @property
    def title(self) -> str:
        return f"{self.number}. {self.doc['title']}" if self.number else self.doc["title"]


def sections(form: Questionnaire, kind: Sections, doc: Doc) -> list[Section]:
    """Those in use in their order, then the retired ones."""
    shown = in_use(kind.of(doc))
    retired = [section for section in kind.of(doc) if section not in shown]
    return [
        _section(form, kind, section, number if kind.numbered else 0)
        for number, section in enumerate(shown, 1)
    ] + [_section(form, kind, section, 0, is_retired=True) for section in retired]


def _section(
    form: Questionnaire, kind: Sections, section: Doc, number: int, *, is_retired: bool = False
) -> Section:
    asked = [
        (
            question.get("active", True),
            Question(
                question["slug"],
                kind.words(question),
                [
                    (audience.one, question[kind.wording[audience.slug]])
                    for audience in form.audiences
                    if audience.one and question.get(kind.wording.get(audience.slug, ""))
                ],
                kind.notes(question, kind.question_properties),
                kind.built_in(section, question),
            ),
        )
        for question in section[kind.questions]
    ]
    return Section(
        section["slug"],
        section,
        number,
        is_retired,
        kind.notes(section, kind.properties),
        [one for active, one in asked if active],
        [one for active, one in asked if not active],
    )


@dataclass(frozen=True)
class AskedQuestion:
    words: str
    notes: Sequence[str]
    answers: Sequence[str]
    columns: Sequence[str]
    is_optional: bool


def as_read_by(
    audience: Audience, form: Questionnaire, doc: Doc
) -> list[tuple[str, str, list[AskedQuestion]]]:
    """Title, purpose and questions of every section that the audience meets. Only staff read what lies behind."""
    staff = audience is form.audiences[0]
    found = []
    for kind in form.sections:
        met = [section for section in in_use(kind.of(doc)) if kind.meets(audience.slug, section)]
        has_optional = any(one.name == "required" for one in kind.question_properties)
        for number, section in enumerate(met, 1):
            title = section.get(audience.title) or section["title"]
            asked = [
                AskedQuestion(
                    kind.words(question, audience.slug),
                    kind.notes(question, kind.question_properties) if staff else (),
                    form.may_answer(doc, audience, kind, question),
                    question.get("columns", ()),
                    staff and has_optional and not question.get("required"),
                )
                for question in in_use(section[kind.questions])
            ]
            found.append(
                (
                    f"{number}. {title}" if kind.numbered else title,
                    section.get("purpose", "") if staff else "",
                    asked,
                )
            )
    return found


def answer_heads(form: Questionnaire) -> list[str]:
    return [head for head, _ in _answer_columns(form)]


def answers(form: Questionnaire, doc: Doc) -> list[list[tuple[str, str]]]:
    """What people can answer as rows of a table, each value with its head: by audience, and what it means."""
    return [
        [
            (head, f"{answer['value']} {answer[name]}" if place == 0 and "value" in answer else answer[name])
            for place, (head, name) in enumerate(_answer_columns(form))
        ]
        for answer in form.answers.as_read(doc)
    ]


def _answer_columns(form: Questionnaire) -> list[tuple[str, str]]:
    columns = [(one.name, one.answer) for one in form.audiences if one.answer]
    has_meaning = any(one.name == "descriptor" for one in form.answers.properties)
    return [*columns, ("Means", "descriptor")] if has_meaning else columns
