"""What the yearly assessment asks of its raters (enquiries): each rater's form, which has pages of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse

from enquiries import actions as enquiries
from enquiries.kinds import EnquiryKind
from enquiries.models import SELF, Enquiry
from keywork.models import Assignment, User
from keywork.words import marked

from .models import RaterForm, Role, Round

RATING: Final = "ilsa.rating"
# Who answers as whoever stands in a relation to the student on the day; a parent or carer is asked by name.
RELATION: Final = {Role.KEYWORKER: Assignment.Kind.KEYWORKER, Role.PUPIL: SELF}


class Rating(EnquiryKind):
    """One rater's form of one round, whose year is the period. The answers are that form's, `target_id`."""

    slug, name, tab, is_report = RATING, "independence", "independence", True
    subjects = (marked("Your view is asked for"), marked("Your view is still missing"))
    template = "ilsa/email/invitation.txt"

    def own_page(self, enquiry: Enquiry, user: User) -> str:
        if enquiry.member_id is not None:
            return reverse("ilsa:child_form", args=[enquiry.student_id, enquiry.period])
        if enquiry.relation == SELF:
            return reverse("ilsa:my_form", args=[enquiry.period])
        return reverse("ilsa:form", args=[enquiry.target_id])

    def mailed_page(self, enquiry: Enquiry) -> str:
        return reverse("portal:family" if enquiry.member_id else "portal:today")


def ask(round: Round, forms: Iterable[RaterForm], students: dict[int, int]) -> None:
    """Ask for these forms of a round; `students` are ids by assessment."""
    enquiries.ask_many(
        Enquiry(
            kind=RATING,
            student_id=students[form.assessment_id],
            period=round.year,
            relation=RELATION.get(Role(form.role), ""),
            member_id=form.member_id,
            asked_at=form.invited_at or round.opened_at,
            asked_by_id=round.opened_by_id,
            answer_by=round.closes_on,
            target_id=form.pk,
        )
        for form in forms
    )


def stands(form: RaterForm) -> None:
    """What is asked for by a form stands as the form does."""
    facts: dict[str, Any] = {
        "opened_at": form.started_at,
        "answered_at": form.submitted_at,
        "declined_at": form.missing_noted_at,
        "declined_words": form.missing_words,
    }
    Enquiry.objects.filter(kind=RATING, target_id=form.pk).update(**facts)


def write_to_raters(round: Round, *, first: bool = False) -> int:
    """A letter to everyone with an open form and an account; how many. `first`: as the round opens."""
    return enquiries.remind_all(rows=Enquiry.objects.filter(kind=RATING, period=round.year), first=first)
