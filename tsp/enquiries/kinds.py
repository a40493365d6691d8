"""The two kinds and their words, and the form of somebody who was asked. The answer to each is an ordinary sheet: a
part of the team input, or the sheet of a talk with home.

It is saved as any sheet is (tsp.sheets.answers), so that autosave, a plain Save and two windows of one person all go
the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from enquiries.actions import locked
from enquiries.answering import Answering
from enquiries.forms import RatherNotForm
from enquiries.kinds import EnquiryKind
from enquiries.models import Enquiry
from keywork import saving
from keywork.absences import keyworker_of
from keywork.models import User
from keywork.words import filled, marked, worded, worded_lazy
from questionnaires import bound_questions, fields
from questionnaires.bound_questions import NOT_ANSWERED, BoundQuestion, ShownAnswer, Stored, TickArea
from questionnaires.fields import Field, tick_of

from ..models import Sheet, Tool
from ..questions import templates
from ..questions.templates import Area, Audience, Template
from ..sheets import audiences
from ..sheets.answers import save_typed, stored_answers
from ..sheets.audiences import NOTHING_YET, asked
from ..sheets.lines import talk_now, talks_of
from . import INPUT, TALK
from .actions import ROLE, hand_in, says_anything, sheet_of


@dataclass
class SheetAnswering(Answering):
    """What was refused of a save is in `saved`; `wanted` says what is missing before it is handed in.

    `ticks` are statements to tick beside the questions.
    """

    enquiry: Enquiry
    form: Template
    questions: Sequence[Field]
    sheet: Sheet | None
    shut: str = ""
    ticks: Sequence[Field] = ()
    wanted: str = ""
    saved: saving.Saving = field(default_factory=saving.Saving)
    stored: Mapping[str, Stored] = field(default_factory=dict)

    check_template = "tsp/_asked_check.html"
    keeps = True
    audience: ClassVar[Audience] = "staff"

    def __post_init__(self) -> None:
        self.stored = stored_answers(self.sheet) if self.sheet else {}

    @property
    def status(self) -> int:
        return 422 if self.wanted and self.saved.status == 200 else self.saved.status

    @property
    def bound_questions(self) -> list[BoundQuestion]:
        saved = self.saved
        if ROLE not in saved.mine and ROLE not in self.stored and self._known_role:
            saved = replace(saved, mine={**saved.mine, ROLE: (self._known_role,)})
        drawn = audiences.bound_questions(self.questions, self.form, self.audience, self.stored, saved)
        return [replace(one, optional=False) for one in drawn]

    @property
    def tick_areas(self) -> list[TickArea]:
        return bound_questions.tick_areas(self.form, self.audience, self.stored, self.saved)

    @property
    def said(self) -> list[ShownAnswer]:
        """Every question with an answer that is kept, as it is read."""
        return audiences.answers_given(self.questions, self.form, self.audience, self.stored)

    @property
    def shown(self) -> dict[str, Any]:
        """What is looked at before it goes, field to value: in the digest of that page."""
        return {name: one.value for name, one in self.stored.items() if not fields.is_empty(one.value)}

    @property
    def ticked(self) -> int:
        return sum(area.ticked for area in self.tick_areas) if self.ticks else 0

    @property
    def _known_role(self) -> str:
        return self.enquiry.role or (self.enquiry.user.job_title if self.enquiry.user else "")

    @property
    def problems(self) -> list[dict[str, str]]:
        """For the error summary: words, and the input they are about."""
        return [{"text": one.error, "target": one.first_id} for one in self.bound_questions if one.error]

    @transaction.atomic
    def save(self, data: QueryDict) -> None:
        """Keep what came. Raises Refused when it can no longer be answered."""
        row = locked(self.enquiry, "waiting")
        if self.sheet is not None:
            self.sheet = Sheet.objects.select_for_update().get(pk=self.sheet.pk)

        def begin() -> Sheet:
            self.sheet = sheet_of(row)
            return self.sheet

        questions = {one.slug: one for one in (*self.questions, *self.ticks)}
        save_typed(
            self.saved,
            by=row.user,
            data=data,
            form=self.form,
            known=questions.get,
            sheet=self.sheet,
            begin=begin,
        )
        self.stored = stored_answers(self.sheet) if self.sheet else {}

    def check_whole(self) -> None:
        """Before it is handed in: what the form requires is there."""
        for question in self.questions:
            value = self.stored.get(question.slug, NOT_ANSWERED).value
            if question.required and fields.is_empty(value) and question.slug not in self.saved.errors:
                self.saved.errors[question.slug] = f"Fill in “{question.wording(self.audience)}”"
        if not says_anything({name: one.value for name, one in self.stored.items()}):
            self.wanted = NOTHING_YET

    def hand_in(self, by: User | None) -> None:
        hand_in(enquiry=self.enquiry)


class InputAnswering(SheetAnswering):
    template = "tsp/_input_questions.html"
    send_words = marked("Look at what you say, and hand it in")

    @classmethod
    def of(cls, enquiry: Enquiry) -> InputAnswering:
        sheet = Sheet.objects.filter(pk=enquiry.target_id).first() if enquiry.target_id else None
        form = templates.current() if sheet is None else templates.version(sheet.template_id)
        if enquiry.parts:
            form = replace(form, areas=tuple(area for area in form.areas if area.slug in enquiry.parts))
        questions = [one for one in form.tool(Tool.TEAM).fields if one.type != "ehcp_outcome"]
        return cls(enquiry, form, questions, sheet)

    @property
    def areas(self) -> Sequence[Area]:
        """Those they were asked about; none when they choose themselves."""
        return self.form.areas if self.enquiry.parts else ()


class TalkAnswering(SheetAnswering):
    """Theirs as they would find it signed in, wherever it was begun."""

    template, lead = "tsp/_talk_questions.html", "tsp/_talk_lead.html"
    parts = {"ticks": "tsp/talk_ticks.html"}
    send_words, keep_words = marked("Look at what you say, and send"), marked("Save and stop for now")
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
            None if by_staff else sheet,
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


class _SheetKind(EnquiryKind):
    tab = "tsp"

    def followed_at(self, enquiry: Enquiry) -> str:
        return reverse("tsp:asks", args=[enquiry.student_id])

    def read_at(self, enquiry: Enquiry) -> str:
        return reverse("tsp:sheet", args=[enquiry.target_id]) if enquiry.target_id else ""

    def withdrawn(self, row: Enquiry, by: User) -> None:
        self.begun(row).filter(done_at__isnull=True, declined_at__isnull=True).update(
            voided_at=row.withdrawn_at,
            voided_by=by,
            void_reason="The ask was taken back before it was answered",
        )

    def begun(self, row: Enquiry) -> Any:
        """What stands half written behind it."""
        return Sheet.objects.standing().filter(pk=row.target_id or 0)


class Input(_SheetKind):
    """A colleague, or somebody outside, for their part of the team input of a term."""

    slug, name, page_title = INPUT, "team input", "Your view"
    begins_record = True
    asks_for = "your part of this term's team input"

    def answering(self, enquiry: Enquiry) -> SheetAnswering:
        return InputAnswering.of(enquiry)

    def title(self, enquiry: Enquiry) -> str:
        student = enquiry.student
        return f"Your view of {student.known_as if enquiry.by_link else student.name}"

    def readers(self, enquiry: Enquiry) -> str:
        return "The core team reads it; you can read it again afterwards."

    def thanks(self, enquiry: Enquiry) -> str:
        return f"Thank you. Your view of {enquiry.student.name} is with the core team."

    def abouts(self, rows: Sequence[Enquiry]) -> dict[int, str]:
        titles = {area.slug: area.title for area in templates.current().areas}
        areas = {row.pk: ", ".join(titles.get(slug, slug) for slug in row.parts) for row in rows}
        return {pk: words and f"about {words}" for pk, words in areas.items()}

    def behind_link(self, enquiry: Enquiry) -> str:
        return worded(
            "Behind it stand the student’s first name, the areas and your question; nothing of the record."
        )

    def declined(self, row: Enquiry, by: User | None) -> None:
        self.begun(row).update(
            voided_at=row.declined_at,
            voided_by=by,
            void_reason="Whoever began it said that they cannot answer",
        )


class Talk(_SheetKind):
    """A parent or carer by link, for the sheet of a talk with home (domain 2.4).

    It is the sheet that they would find signed in: theirs and the core team's, wherever it was begun. So `target_id`
    names it only once it was handed in, or declined, by the link.
    """

    slug, name, page_title = TALK, "talk with home", worded_lazy("How it is at home")
    declining = RatherNotForm
    link_subjects = (
        marked("The school would like to hear from you"),
        marked("A reminder: the school would like to hear from you"),
    )
    link_template = "tsp/email/talk.txt"

    def answering(self, enquiry: Enquiry) -> SheetAnswering:
        return TalkAnswering.of(enquiry)

    def title(self, enquiry: Enquiry) -> str:
        return filled("{name} at home", name=enquiry.student.known_as)

    def readers(self, enquiry: Enquiry) -> str:
        return filled(
            "Only you and the people who work closely with {known_as} at school read this. "
            "Nobody else in the family does.",
            known_as=enquiry.student.known_as,
        )

    def abouts(self, rows: Sequence[Enquiry]) -> dict[int, str]:
        return dict.fromkeys((row.pk for row in rows), "for the talk with home")

    def behind_link(self, enquiry: Enquiry) -> str:
        return f"Behind it stand the questions for home with {enquiry.student.known_as}’s first name; nothing of the record."

    def declined(self, row: Enquiry, by: User | None) -> None:
        """Kept without fault, as if they had said so signed in."""
        sheet = sheet_of(row)
        row.target_id = sheet.pk
        row.save(update_fields=["target_id"])
        sheet.declined_at, sheet.declined_words = row.declined_at, row.declined_words
        sheet.version += 1
        sheet.save(update_fields=["declined_at", "declined_words", "version"])

    def begun(self, row: Enquiry) -> Any:
        """What a parent began signed in is theirs, and not the link's."""
        return Sheet.objects.standing().filter(
            student=row.student_id,
            tool=Tool.PARENT,
            member=row.member_id,
            wording=Sheet.Wording.PARENT,
            author__isnull=True,
        )
