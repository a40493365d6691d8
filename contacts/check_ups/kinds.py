"""The check-up as a kind of enquiry: its words, its mail with both answers in it, and whom an answer wakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from enquiries.kinds import EnquiryKind
from enquiries.models import Enquiry
from keywork import school
from keywork.access import Can
from keywork.words import worded
from outbox import actions as outbox

from . import KIND
from .forms import HOW, ISSUE, CheckUpForm

TOLD = "contacts.check_up_issue"


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
