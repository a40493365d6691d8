"""The check-up as a kind of enquiry: what a teacher is asked, its mail with both answers in it, and whom an answer wakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from crispy_forms.layout import Field, Layout
from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from enquiries.kinds import EnquiryKind
from enquiries.models import Enquiry
from keywork import school
from keywork.access import Can
from keywork.forms import KeyworkForm, text_box
from keywork.words import worded, worded_lazy
from outbox import actions as outbox

from . import KIND

TOLD = "contacts.check_up_issue"


WELL, ISSUE = "well", "issue"
HOW: Final = {WELL: "All is well", ISSUE: "There is something to tell"}


class CheckUpForm(KeyworkForm):
    how = forms.ChoiceField(label="How is it going?", choices=list(HOW.items()), widget=forms.RadioSelect)
    words = text_box(
        "What is there to tell?",
        1000,
        rows=4,
        required=False,
        help_text=worded_lazy(
            "For the keyworker and the core team. Worried that a student is not safe? Speak to the safeguarding lead now,"
            " and do not write it here."
        ),
    )
    missing = {"how": "Choose one of the two"}

    def layout(self) -> Layout:
        return Layout(Field("how", wrapper_class="is-even"), "words")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("how") == ISSUE and not data.get("words"):
            self.add_error("words", "Write in a few words what there is to tell")
        if data.get("how") == WELL and data.get("words"):
            self.add_error(
                "how", "You wrote something. Choose “There is something to tell”, or take your words out"
            )
        return data


class CheckUp(EnquiryKind):
    slug, name, page_title = KIND, "how the week goes", "Check-up"
    form = CheckUpForm
    read_by = Can.VIEW_LOG
    in_rounds = True
    subjects = ("How are your students this week?", "A reminder: how are your students this week?")
    template = "contacts/email/check_up.txt"

    def title(self, enquiry: Enquiry) -> str:
        return f"How is {enquiry.student.known_as} this week?"

    def readers(self, enquiry: Enquiry) -> str:
        return worded("The keyworker and the core team read it.")

    def thanks(self, enquiry: Enquiry) -> str:
        name = enquiry.student.known_as
        if enquiry.answers.get("how") == ISSUE:
            return f"Your words about {name} are on their way to {enquiry.asked_by.name}."
        return f"You said that all is well with {name}."

    def followed_at(self, enquiry: Enquiry) -> str:
        return reverse("contacts:check_ups", args=[enquiry.student_id])

    def answered(self, row: Enquiry) -> None:
        """That all is well wakes nobody."""
        if row.answers.get("how") == ISSUE:
            outbox.do(TOLD, key=str(row.pk), enquiry=row.pk)

    def letter(
        self, to: Any, mine: Sequence[Enquiry], page: str, again: bool, reminder: bool
    ) -> tuple[str, str]:
        """One mail about all students a teacher is asked about, each by initials, with a link for each answer."""
        here = settings.BASE_URL.rstrip("/")
        asked = [
            (
                row.student.initials,
                [(words, f"{here}{self.signed_page(row)}?how={how}") for how, words in HOW.items()],
            )
            for row in sorted(mine, key=lambda row: (row.student.initials, row.pk))
        ]
        context = {
            "name": to.get_short_name(),
            "asked": asked,
            "until": max(row.answer_by for row in mine),
            "school_name": school.load().name,
        }
        return self.subjects[reminder], render_to_string(self.template, context)
