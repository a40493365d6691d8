"""The form of somebody who was asked: a part of the team input, or the sheet of a talk with home.

One form for a colleague, for someone outside and for a parent or carer. Saving follows keywork.saving, so that
autosave, a plain Save and two windows of one person all go the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.http import QueryDict

from keywork import saving

from . import boxes, fields, templates
from .actions.inputs import ROLE, keep_answers, says_anything
from .boxes import Box, Shown, Stored, TickArea
from .fields import tick_of
from .models import Ask, Sheet, Tool
from .own import asked, in_their_words, told_in_their_words
from .own_home import NOTHING_YET, talk_now, talks_of
from .templates import Area, Audience, Field, Template

ANOTHER_WINDOW = "You, in another window,"


@dataclass(slots=True)
class AskedForm:
    """`ask` with its student, sheet and member loaded. What was refused of a save is in `saved`.

    `ticks` are statements to tick beside the questions; `wanted` says what is missing before it is handed in;
    `by_staff` that somebody at school is writing it down just now.
    """

    ask: Ask
    form: Template
    questions: Sequence[Field]
    stored: Mapping[str, Stored]
    audience: Audience = "staff"
    ticks: Sequence[Field] = ()
    by_staff: bool = False
    wanted: str = ""
    saved: saving.Saving = field(default_factory=saving.Saving)

    @classmethod
    def of(cls, ask: Ask) -> AskedForm:
        return cls._of_home(ask) if ask.member_id is not None else cls._of_the_team(ask)

    @classmethod
    def _of_home(cls, ask: Ask) -> AskedForm:
        """Theirs as they would find it signed in, wherever it was begun."""
        sheet = talk_now(talks_of(ask.student, ask.member), ask.term)  # type: ignore[arg-type]
        if sheet is not None and not sheet.is_open:
            sheet = None
        form = templates.current() if sheet is None else templates.version(sheet.template_id)
        by_staff = sheet is not None and sheet.wording != Sheet.Wording.PARENT
        return cls(
            ask,
            form,
            asked(form.tool(Tool.PARENT), "parent"),
            cls._stored(None if by_staff else sheet),
            audience="parent",
            ticks=[tick_of(one) for one in form.in_use],
            by_staff=by_staff,
        )

    @classmethod
    def _of_the_team(cls, ask: Ask) -> AskedForm:
        form = templates.current() if ask.sheet is None else templates.version(ask.sheet.template_id)
        if ask.areas:
            form = replace(form, areas=tuple(area for area in form.areas if area.slug in ask.areas))
        questions = [one for one in form.tool(Tool.TEAM).fields if one.type != "ehcp_outcome"]
        return cls(ask, form, questions, cls._stored(ask.sheet))

    @staticmethod
    def _stored(sheet: Sheet | None) -> dict[str, Stored]:
        if sheet is None:
            return {}
        return {
            one.field: Stored(one.value, one.version, ANOTHER_WINDOW, one.at) for one in sheet.answers.all()
        }

    @property
    def status(self) -> int:
        return 422 if self.wanted and self.saved.status == 200 else self.saved.status

    @property
    def areas(self) -> Sequence[Area]:
        """Those they were asked about; none when they choose themselves."""
        return self.form.areas if self.ask.areas else ()

    @property
    def boxes(self) -> list[Box]:
        return [in_their_words(self._box(one), one, self.audience) for one in self.questions]

    @property
    def tick_areas(self) -> list[TickArea]:
        return boxes.tick_areas(self.form, self.audience, self.stored, self.saved)

    @property
    def said(self) -> list[Shown]:
        """Every question with an answer that is kept, as it is read."""
        lines = [
            told_in_their_words(
                boxes.shown(one, self.form, self.audience, self.stored.get(one.slug, boxes.NOT_ANSWERED)),
                one,
                self.audience,
            )
            for one in self.questions
        ]
        return [line for line in lines if not line.empty]

    @property
    def shown(self) -> dict[str, Any]:
        """What is looked at before it goes, field to value: for the seal of that page."""
        return {name: one.value for name, one in self.stored.items() if not fields.is_empty(one.value)}

    @property
    def seal(self) -> str:
        return saving.seal(self.shown)

    def is_sure(self, data: QueryDict) -> bool:
        """Whether the button of the page to look at was pressed, for what stands here now."""
        return "sure" in data and not saving.was_changed(data, self.shown)

    @property
    def ticked(self) -> int:
        return sum(area.ticked for area in self.tick_areas) if self.ticks else 0

    def _box(self, question: Field) -> Box:
        stored = self.stored.get(question.slug, boxes.NOT_ANSWERED)
        typed = self.saved.mine.get(question.slug)
        if typed is None and question.slug == ROLE and not stored.version and self._known_role:
            typed = (self._known_role,)
        return boxes.box(
            question,
            self.form,
            self.audience,
            stored,
            typed=typed,
            error=self.saved.errors.get(question.slug, ""),
            theirs=self.saved.conflicts.get(question.slug),
        )

    @property
    def _known_role(self) -> str:
        return self.ask.role or (self.ask.user.job_title if self.ask.user else "")

    @property
    def problems(self) -> list[dict[str, str]]:
        """For the error summary: words, and the input they are about."""
        return [
            {"text": self.saved.errors[box.name], "target": box.first_id}
            for box in self.boxes
            if box.name in self.saved.errors
        ]

    def save(self, data: QueryDict) -> None:
        """Keep what came. What cannot be kept, or was changed in another window, is told in `saved`.

        Raises Refused when the ask can no longer be answered.
        """
        questions = {one.slug: one for one in (*self.questions, *self.ticks)}
        values: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for typed in saving.typed_fields(data):
            question = questions.get(typed.field)
            if question is None or data.get("keep-theirs") == typed.field:
                continue
            raw = tuple(saving.plain(text) for text in data.getlist(typed.field))
            stored = self.stored.get(typed.field, boxes.NOT_ANSWERED)
            came = replace(typed, values=raw)
            try:
                value = fields.parse(question, raw, self.form, stored.value)
            except fields.Wrong as wrong:
                self.saved.wrong(came, str(wrong))
                continue
            if data.get("use-mine") == typed.field:
                typed = replace(typed, version=stored.version, was="")
            told = replace(typed, values=fields.canonical(value))
            current = saving.Current(stored.version, fields.canonical(stored.value))
            theirs = partial(self._theirs, question, stored)
            if self.saved.to_write(told, current, came=came, theirs=theirs):
                values[typed.field], seen[typed.field] = value, stored.version
        if values:
            self._write(values, seen, questions, data)

    def _write(
        self, values: dict[str, Any], seen: dict[str, int], questions: Mapping[str, Field], data: QueryDict
    ) -> None:
        rows = keep_answers(ask=self.ask, values=values, seen=seen)
        stored = dict(self.stored)
        for name, row in rows.items():
            stored[name] = Stored(row.value, row.version, ANOTHER_WINDOW, row.at)
            if row.value == values[name]:
                self.saved.wrote(name, row.version, fields.canonical(row.value))
            else:
                came = saving.Typed(name, tuple(data.getlist(name)), seen[name], "")
                self.saved.differs(came, self._theirs(questions[name], stored[name]))
        self.stored = stored

    def _theirs(self, question: Field, stored: Stored) -> saving.Current:
        return saving.Current(
            stored.version, tuple(fields.inputs(question, stored.value)), stored.by, stored.at
        )

    def check_whole(self) -> None:
        """Before it is handed in: what the form requires is there."""
        for question in self.questions:
            value = self.stored.get(question.slug, boxes.NOT_ANSWERED).value
            if question.required and fields.is_empty(value) and question.slug not in self.saved.errors:
                self.saved.errors[question.slug] = f"Fill in “{question.wording(self.audience)}”"
        if not says_anything({name: one.value for name, one in self.stored.items()}):
            self.wanted = NOTHING_YET
