"""The two kinds and their words. The answer to each is an ordinary sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from enquiries.forms import RatherNotForm
from enquiries.kinds import EnquiryKind
from enquiries.models import Enquiry
from keywork.models import User
from keywork.words import filled, marked, worded, worded_lazy

from ..models import Sheet, Tool
from ..questions import templates
from . import INPUT, TALK
from .actions import sheet_of
from .answering import InputAnswering, SheetAnswering, TalkAnswering


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
