"""The form of somebody who was asked: a part of the team input, or the sheet of a talk with home.

Saving follows keywork.saving, so that autosave, a plain Save and two windows of one person all go the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar

from django.http import QueryDict

from enquiries.answering import Answering
from enquiries.models import Enquiry
from keywork import saving
from keywork.models import User

from ..home_pages.parent_pages import NOTHING_YET, talk_now, talks_of
from ..home_pages.student_pages import asked, in_their_words, keyworker_of, told_in_their_words
from ..models import Sheet, Tool
from ..questions import bound_questions, fields, templates
from ..questions.bound_questions import BoundQuestion, ShownAnswer, Stored, TickArea
from ..questions.fields import tick_of
from ..questions.templates import Area, Audience, Field, Template
from .actions import ROLE, hand_in, keep_answers, says_anything

ANOTHER_WINDOW = "You, in another window,"


@dataclass
class SheetAnswering(Answering):
    """What was refused of a save is in `saved`; `wanted` says what is missing before it is handed in.

    `ticks` are statements to tick beside the questions.
    """

    enquiry: Enquiry
    form: Template
    questions: Sequence[Field]
    stored: Mapping[str, Stored]
    shut: str = ""
    ticks: Sequence[Field] = ()
    wanted: str = ""
    saved: saving.Saving = field(default_factory=saving.Saving)

    check_template = "tsp/_asked_check.html"
    keeps = True
    audience: ClassVar[Audience] = "staff"

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
    def boxes(self) -> list[BoundQuestion]:
        return [in_their_words(self._box(one), one, self.audience) for one in self.questions]

    @property
    def tick_areas(self) -> list[TickArea]:
        return bound_questions.tick_areas(self.form, self.audience, self.stored, self.saved)

    @property
    def said(self) -> list[ShownAnswer]:
        """Every question with an answer that is kept, as it is read."""
        lines = [
            told_in_their_words(
                bound_questions.shown(
                    one, self.form, self.audience, self.stored.get(one.slug, bound_questions.NOT_ANSWERED)
                ),
                one,
                self.audience,
            )
            for one in self.questions
        ]
        return [line for line in lines if not line.empty]

    @property
    def shown(self) -> dict[str, Any]:
        """What is looked at before it goes, field to value: in the digest of that page."""
        return {name: one.value for name, one in self.stored.items() if not fields.is_empty(one.value)}

    @property
    def ticked(self) -> int:
        return sum(area.ticked for area in self.tick_areas) if self.ticks else 0

    def _box(self, question: Field) -> BoundQuestion:
        stored = self.stored.get(question.slug, bound_questions.NOT_ANSWERED)
        typed = self.saved.mine.get(question.slug)
        if typed is None and question.slug == ROLE and not stored.version and self._known_role:
            typed = (self._known_role,)
        return bound_questions.bind_question(
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
        return self.enquiry.role or (self.enquiry.user.job_title if self.enquiry.user else "")

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

        Raises Refused when it can no longer be answered.
        """
        questions = {one.slug: one for one in (*self.questions, *self.ticks)}
        values: dict[str, Any] = {}
        seen: dict[str, int] = {}
        for typed in saving.typed_fields(data):
            question = questions.get(typed.field)
            if question is None or data.get("keep-theirs") == typed.field:
                continue
            raw = tuple(saving.plain(text) for text in data.getlist(typed.field))
            stored = self.stored.get(typed.field, bound_questions.NOT_ANSWERED)
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
        rows = keep_answers(enquiry=self.enquiry, values=values, seen=seen)
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
            value = self.stored.get(question.slug, bound_questions.NOT_ANSWERED).value
            if question.required and fields.is_empty(value) and question.slug not in self.saved.errors:
                self.saved.errors[question.slug] = f"Fill in “{question.wording(self.audience)}”"
        if not says_anything({name: one.value for name, one in self.stored.items()}):
            self.wanted = NOTHING_YET

    def hand_in(self, by: User | None) -> None:
        hand_in(enquiry=self.enquiry)


class InputAnswering(SheetAnswering):
    template = "tsp/_input_questions.html"
    send_words = "Look at what you say, and hand it in"

    @classmethod
    def of(cls, enquiry: Enquiry) -> InputAnswering:
        sheet = Sheet.objects.filter(pk=enquiry.target_id).first() if enquiry.target_id else None
        form = templates.current() if sheet is None else templates.version(sheet.template_id)
        if enquiry.parts:
            form = replace(form, areas=tuple(area for area in form.areas if area.slug in enquiry.parts))
        questions = [one for one in form.tool(Tool.TEAM).fields if one.type != "ehcp_outcome"]
        return cls(enquiry, form, questions, cls._stored(sheet))

    @property
    def areas(self) -> Sequence[Area]:
        """Those they were asked about; none when they choose themselves."""
        return self.form.areas if self.enquiry.parts else ()


class TalkAnswering(SheetAnswering):
    """Theirs as they would find it signed in, wherever it was begun."""

    template, lead = "tsp/_talk_questions.html", "tsp/_talk_lead.html"
    parts = {"ticks": "tsp/talk_ticks.html"}
    send_words, keep_words = "Look at what you say, and send", "Save and stop for now"
    audience = "parent"

    @classmethod
    def of(cls, enquiry: Enquiry) -> TalkAnswering:
        assert enquiry.member is not None
        sheet = talk_now(talks_of(enquiry.student, enquiry.member), enquiry.period)
        if sheet is not None and not sheet.is_open:
            sheet = None
        form = templates.current() if sheet is None else templates.version(sheet.template_id)
        by_staff = sheet is not None and sheet.wording != Sheet.Wording.PARENT
        found = cls(
            enquiry,
            form,
            asked(form.tool(Tool.PARENT), "parent"),
            cls._stored(None if by_staff else sheet),
            ticks=[tick_of(one) for one in form.in_use],
        )
        if by_staff:
            writer = found.keyworker
            found.shut = f"{writer.get_short_name() if writer else 'School'} is writing down what you said."
        return found

    @property
    def keyworker(self) -> User | None:
        """Whom it is sent to."""
        return keyworker_of(self.enquiry.student)
