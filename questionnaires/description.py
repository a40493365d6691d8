"""What a form is, said once by the app whose form it is. Pure.

    AREAS = Sections(key="areas", name="area", properties=(...), question="statement", question_properties=(...), ...)
    TSP = Questionnaire(app="tsp", name="TSP form", audiences=(...), answers=Answers(...), sections=(AREAS, TOOLS), ...)

A document of the form is a plain dict as JSON gives it: its answers, and one or more lists of sections, each with its
questions. Whatever the check, the editor and the comparison know of it, they know from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from . import checks
from .checks import Check, Doc, NotThere, Problems
from .supplied import Supplied

Kind = Literal["line", "box", "lines", "choice", "flag", "number", "tag"]


@dataclass(frozen=True)
class Property:
    """One value of a section, a question or an answer: how the editor asks for it, and what it may be.

    `label` is the editor's, "" for what is not edited; `compared` a comparison's, "" for what is not compared. A value
    that is left empty stands as null, or is absent from the document. `at` is the way to it within its part, where
    that is not simply `name`.

    kind: "line" and "box" are texts, "lines" a list of them; "choice" and "number" are of `choices`; "tag" is a code of
    the vocabulary of the same name.
    """

    name: str
    label: str = ""
    compared: str = ""
    kind: Kind = "box"
    empty: Literal["never", "null", "absent"] = "never"
    choices: Mapping[Any, str] = field(default_factory=dict)
    most: int = 20  # entries of a list
    check: Check | None = None  # where the kind does not say it
    help: str = ""
    missing: str = ""  # said where it is left empty
    heading: str = ""  # above it in the editor
    beside: bool = False  # in the editor it stands beside the one before
    note: str = ""  # how the editor and staff read it beside the words, "Usually from Year {}"
    at: tuple[str | int, ...] = ()
    once: bool = False  # chosen when the question is added, and stays
    goes_with: tuple[str, str] | None = None  # only where another property has this value

    def of(self, part: Doc) -> Any:
        found: Any = part
        for step in self.at or (self.name,):
            found = found.get(step) if isinstance(found, dict) else found[step]
        return found

    def put(self, part: Any, value: Any) -> None:
        *way, last = self.at or (self.name,)
        for step in way:
            part = part[step]
        if value not in ("", None, False, []) or self.empty == "never":
            part[last] = value
        elif self.empty == "null":
            part[last] = None
        else:
            part.pop(last, None)

    def checked(self) -> Check:
        if self.check is not None:
            return self.check
        found = _CHECKS[self.kind](self)
        return partial(_or_null, check=found) if self.empty == "null" else found


def _or_null(value: Any, path: str, *, check: Check) -> Problems:
    if value is not None:
        yield from check(value, path)


_CHECKS: Mapping[Kind, Callable[[Property], Check]] = {
    "line": lambda one: partial(checks.text, most=checks.TITLE),
    "box": lambda one: partial(checks.text, most=checks.WORDING),
    "lines": lambda one: partial(
        checks.list_of, of=partial(checks.text, most=checks.TITLE), least=2, most=one.most
    ),
    "choice": lambda one: partial(checks.one_of, allowed=frozenset(one.choices)),
    "flag": lambda one: checks.flag,
    "number": lambda one: partial(
        checks.number, least=min(filter(None, one.choices)), most=max(filter(None, one.choices))
    ),
    "tag": lambda one: checks.TAGS[one.name],
}


def edited(properties: tuple[Property, ...]) -> list[Property]:
    return [one for one in properties if one.label]


def shape(
    properties: tuple[Property, ...], needs: Mapping[str, Check], may: Mapping[str, Check]
) -> tuple[dict[str, Check], dict[str, Check]]:
    """What a part must have and may have."""
    plain = [one for one in properties if not one.at]
    return (
        dict(needs) | {one.name: one.checked() for one in plain if one.empty != "absent"},
        dict(may) | {one.name: one.checked() for one in plain if one.empty == "absent"},
    )


@dataclass(frozen=True)
class Audience:
    """Who reads the form. The first audience is staff: its words call a question in the editor."""

    slug: str
    name: str  # "Parents and carers"
    one: str = ""  # "Parent or carer", beside its wording; staff have none
    title: str = "title"  # the property of a section that they read as its title
    answer: str = ""  # that of an answer; "" where they are not asked with these answers


@dataclass(frozen=True)
class Answers:
    """What people can answer: a scale, and perhaps answers beside it that are no score.

    How many there are, and what `fixed` says of each, is what the code computes with: a document only words them.
    """

    properties: tuple[Property, ...]  # a label may hold {}, the answer it is about
    name: str = "answers"  # in addresses
    are: str = "are"
    title: str = "The answers"
    what: str = "What people can answer"
    lists: tuple[str, ...] = ("scale",)
    fixed: Mapping[str, Check] = field(default_factory=lambda: {"code": partial(checks.text, most=20)})
    fixed_beside: Mapping[str, Check] = field(default_factory=dict)  # of those that are no score
    names: Mapping[str, str] = field(default_factory=dict)  # of those that are no score, by code
    headed: bool = True  # each answer in the editor under a heading, rather than named in every label
    shown: Callable[[Doc], list[Doc]] | None = None  # in the order people read them, where that is another

    def of(self, doc: Doc) -> list[Doc]:
        return [one for key in self.lists for one in doc[key]]

    def as_read(self, doc: Doc) -> list[Doc]:
        return self.shown(doc) if self.shown else self.of(doc)

    def called(self, answer: Doc) -> str:
        return f"Point {answer['value']}" if "value" in answer else self.names[answer["code"]]


@dataclass(frozen=True)
class Sections:
    """One list of the document, whose entries hold questions: areas with statements, sheets with fields.

    `stay`: which sections there are. Anyone who edits may change them, or the code works with the ones supplied, in
    "any order" or in "this order".
    """

    key: str
    name: str  # in addresses
    properties: tuple[Property, ...]
    question_properties: tuple[Property, ...]
    wording: Mapping[str, str]  # of a question: audience to property
    slug_of: str  # a new question's slug is made of this property
    question: str = "question"  # in addresses, and what people call one
    questions: str = "items"
    moves: str = "move"  # name of the address where the buttons of a question post
    word: str = ""  # what people call a section, where that is not its name in addresses
    counted: str = ""  # and where many are counted
    within: str = "in"  # a question is in its area, on its sheet
    stay: Literal["", "any order", "this order"] = ""
    most: int = 20
    most_questions: int = 40
    least_questions: int = 1
    why_least: str = ""  # "to have a percentage"
    numbered: bool = True
    alone: bool = False  # slugs of questions are its own, and no order is written out
    built_in: Callable[[Doc, Doc], bool] = lambda section, question: False
    meets: Callable[[str, Doc], bool] = lambda audience, section: True
    more: tuple[Mapping[str, Check], Mapping[str, Check]] = (
        {},
        {},
    )  # what else a section must have, may have
    more_of_question: Mapping[str, Check] = field(default_factory=dict)
    blank: Callable[[], Doc] = dict  # what a new section has besides
    also: Callable[[Doc, str], Problems] = lambda section, path: iter(())  # a further check of a section
    # Templates: how a section reads in a published version, and what stands there beside a question and the section.
    page: str = "questionnaires/_section.html"
    beside_question: str = ""
    beside_section: str = ""

    @property
    def called(self) -> str:
        return self.word or self.name

    @property
    def a(self) -> str:
        return f"An {self.called}" if self.called[0] in "aeiou" else f"A {self.called}"

    @property
    def many(self) -> str:
        return self.counted or self.called

    def address(self, form: Questionnaire, does: str) -> str:
        """The name of the page that edits or moves a section."""
        return f"{form.app}:{self.name}_{does}"

    def question_address(self, form: Questionnaire, does: str) -> str:
        return f"{form.app}:{self.moves if does == 'move' else f'{self.question}_{does}'}"

    def of(self, doc: Doc) -> list[Doc]:
        return doc[self.key]

    def section(self, doc: Doc, slug: str) -> Doc:
        """Raises NotThere."""
        for section in self.of(doc):
            if section["slug"] == slug:
                return section
        raise NotThere(slug)

    def question_of(self, doc: Doc, slug: str, section: str = "") -> tuple[Doc, Doc]:
        """A question and the section it is in. `section` is needed where slugs are a section's own. Raises NotThere."""
        for holder in [self.section(doc, section)] if section else self.of(doc):
            for question in holder[self.questions]:
                if question["slug"] == slug:
                    return holder, question
        raise NotThere(slug)

    def slugs(self, doc: Doc) -> frozenset[str]:
        """Of every section, retired ones among them."""
        return frozenset(section["slug"] for section in self.of(doc))

    def question_slugs(self, doc: Doc, section: str = "") -> frozenset[str]:
        """Of every question, retired ones among them."""
        holders = [self.section(doc, section)] if section and self.alone else self.of(doc)
        return frozenset(one["slug"] for holder in holders for one in holder[self.questions])

    def count(self, doc: Doc) -> Doc:
        """Every `order` counted afresh, and what is in use said of each question. Changes `doc`."""
        for place, section in enumerate(() if self.alone else self.of(doc), 1):
            section["order"] = place
            for number, question in enumerate(section[self.questions], 1):
                question["order"] = number
                question.setdefault("active", True)
        return doc

    def words(self, question: Doc, audience: str = "staff") -> str:
        """As an audience reads it; those without words of their own read what staff do."""
        return question.get(self.wording.get(audience, "")) or question[self.wording["staff"]]

    def notes(self, part: Doc, properties: tuple[Property, ...]) -> list[str]:
        return [one.note.format(part[one.name]) for one in properties if one.note and part.get(one.name)]


@dataclass(frozen=True)
class Questionnaire:
    """A form: what its documents are like, and the words of the pages about it."""

    app: str  # its namespace of addresses
    schema: str
    folder: Path  # template.json, as first supplied; rewordings.json and later.json
    name: str  # "TSP form"
    a_name: str  # "a TSP form"
    audiences: tuple[Audience, ...]
    answers: Answers
    sections: tuple[Sections, ...]
    fixed: tuple[str, ...]  # keys of the document that only say what the code does
    file_name: str  # of an export, without its version
    in_order: bool = False  # exported with its keys in the order of the form supplied, not of the alphabet
    about: str = ""
    choose: str = "Choose what to change."
    for_good: str = "What was begun keeps the version it was begun with; what is new uses this one."
    published: str = "is published and is the form from now on."
    unchanged: str = "Every question reads as before."
    whole_file: str = "Every question of the version in use must be in the file, in use or retired."
    preview: Callable[[Doc, Audience, Sections, Doc], list[str]] | None = (
        None  # what may be answered to a question
    )

    @cached_property
    def supplied(self) -> Supplied:
        return Supplied(self.folder, tuple((one.key, one.questions) for one in self.sections))

    def ours(self) -> Doc:
        """The form supplied with Keywork, to read only."""
        return self.supplied.newest

    def shipped(self) -> Doc:
        return deepcopy(self.ours())

    def whole(self, doc: Doc) -> Doc:
        """The document with what it may leave out filled in, and every `order` counted afresh. Changes `doc`."""
        for name in self.fixed:
            doc.setdefault(name, self.shipped()[name])
        for kind in self.sections:
            kind.count(doc)
        return doc

    def audience(self, slug: str) -> Audience | None:
        return next((one for one in self.audiences if one.slug == slug), None)

    def may_answer(self, doc: Doc, audience: Audience, kind: Sections, question: Doc) -> list[str]:
        if self.preview is not None:
            return self.preview(doc, audience, kind, question)
        return [answer[audience.answer] for answer in self.answers.as_read(doc)]
