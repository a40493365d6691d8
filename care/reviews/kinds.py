"""What is asked of whoever has a part in a review: whether they come, and their advice, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse

from enquiries.actions import locked
from enquiries.answering import Questions
from enquiries.forms import CannotForm
from enquiries.kinds import EnquiryKind
from enquiries.models import Enquiry
from keywork import clock, school
from keywork.access import Can, scope_q
from keywork.dates import day_in_full, time_of_day
from keywork.forms import KeyworkForm, text_box
from keywork.models import User
from keywork.words import filled, translated, worded, worded_lazy
from students.models import Student

from . import actions
from .models import Review, ReviewPerson

OWN_WAY = ("taking_part", "taking_part_words")
MY_WAY: dict[Any, str] = {
    Review.TakingPart.SPOKEN_FOR: "Through somebody who speaks for me",
    Review.TakingPart.NOT: "I would rather not take part",
}


def when(moment: datetime) -> str:
    """ "Tuesday 15 December at 2 pm"."""
    here = moment.astimezone(clock.LONDON)
    return filled(
        "{day} at {time}", day=day_in_full(here.date(), clock.today()), time=time_of_day(here.time())
    )


class PartForm(KeyworkForm):
    """Only what this person is asked; whose plan it is says how they want to take part."""

    taking_part = forms.ChoiceField(
        label="How do you want to take part?",
        choices=[(way, MY_WAY.get(way, name)) for way, name in Review.TakingPart.choices if way],
        widget=forms.RadioSelect,
    )
    taking_part_words = text_box(
        "Say more, if you like",
        2000,
        required=False,
        help_text="What you will show or say, and who should be beside you.",
    )
    reply = forms.ChoiceField(
        label="Are you coming?",
        choices=[one for one in ReviewPerson.Reply.choices if one[0]],
        widget=forms.RadioSelect,
    )
    reply_words = forms.CharField(
        label="Anything we should know",
        max_length=300,
        required=False,
        help_text="Such as an interpreter, a step-free room, or when you have to leave.",
    )
    advice_progress = forms.CharField(
        label="What has gone well, and what is hard", required=False, widget=forms.Textarea({"rows": 5})
    )
    advice_help = forms.CharField(label="What helps", required=False, widget=forms.Textarea({"rows": 4}))
    advice_changes = forms.CharField(
        label="What should change in the plan", required=False, widget=forms.Textarea({"rows": 4})
    )
    missing = {"reply": "Say whether you come", "taking_part": "Choose a way"}

    def __init__(self, *args: Any, person: ReviewPerson, is_whole: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.is_whole = person, is_whole
        own = person.role == ReviewPerson.Role.STUDENT
        for name in ("reply", "reply_words"):
            if own or person.invited_on is None:
                del self.fields[name]
        for name in OWN_WAY:
            if not own or person.invited_on is None:
                del self.fields[name]
        if not self.asks_advice:
            for name in actions.ADVICE_WORDS:
                del self.fields[name]

    @property
    def asks_advice(self) -> bool:
        return self.person.advice_by is not None and self.person.advice_on is None

    def clean(self) -> dict[str, Any]:
        """A student who says how they take part need not write as well; an empty page is never sent."""
        data = super().clean() or self.cleaned_data
        needs_words = self.asks_advice and self.is_whole and "taking_part" not in self.fields
        if needs_words and not any(data.get(name) for name in actions.ADVICE_WORDS):
            self.add_error(actions.ADVICE_WORDS[0], "Write something first, or keep it for later")
        return data

    def layout(self) -> Layout:
        return Layout(*(Field(name) for name in self.fields))


class PartAnswering(Questions):
    """What is kept for later stands with the person already: whether they come is known at once."""

    lead = "care/_review_lead.html"
    autosaves = False
    keep_words = "Save, and come back for the rest"

    def __init__(self, enquiry: Enquiry) -> None:
        rows = ReviewPerson.objects.select_related("review__student", "user", "member")
        self.person = rows.get(pk=enquiry.target_id or 0)
        self.review = self.person.review
        self.when = when(self.review.meets_at)
        # Whoever is asked for advice may say first that they come.
        self.keeps = self.person.advice_by is not None and self.person.advice_on is None
        self.send_words = "Send the advice" if self.keeps and not enquiry.relation else "Send"
        super().__init__(enquiry, PartForm)

    def new_form(self, *args: Any, **kwargs: Any) -> KeyworkForm:
        return PartForm(*args, person=self.person, **kwargs)

    def begin(self, given: QueryDict) -> None:
        self.form.initial = {
            name: getattr(self.review if name in OWN_WAY else self.person, name) for name in self.form.fields
        }

    @transaction.atomic
    def save(self, data: QueryDict) -> None:
        locked(self.enquiry, "waiting")
        self.form = self.new_form(data, is_whole=data.get("do") == "hand-in")
        if self.form.is_valid() and data.get("do") != "hand-in":
            actions.replied(person=self.person, fields=self.form.cleaned_data, is_whole=False)

    @transaction.atomic
    def hand_in(self, by: User | None) -> None:
        row = locked(self.enquiry, "waiting")
        actions.replied(person=self.person, fields=self.form.cleaned_data, is_whole=True)
        row.answered_at = clock.now()
        row.save(update_fields=["answered_at"])


class CannotTakePartForm(CannotForm):
    opener = send_words = "I can neither come nor write"
    hint = "School reads this, and does not wait for you."


class Part(EnquiryKind):
    slug, name, page_title = actions.KIND, "a part in a review", worded_lazy("A review")
    asks_for = worded_lazy("your part in a review")
    read_by = Can.VIEW_REVIEWS
    tab = "plan"
    is_report = True
    declining = CannotTakePartForm
    at_home = True
    not_again = worded_lazy("School knows now.")
    subjects = ("Your part in a review", "A reminder: your part in a review")
    link_subjects = subjects

    def for_colleague(self, user: Any) -> Q:
        """Whoever may open the record today, and who could not when they were asked: a review is for them, too.

        A post or a role that ended shuts it.
        """
        theirs = Q(student__in=Student.objects.visible_to(user, Can.VIEW_STUDENT))
        theirs |= Q(target_id__in=ReviewPerson.objects.filter(user=user, beyond_team=True).values("pk"))
        return scope_q(user, Can.ANSWER, "student_id") & theirs

    def answering(self, enquiry: Enquiry) -> PartAnswering:
        return PartAnswering(enquiry)

    def title(self, enquiry: Enquiry) -> str:
        student = enquiry.student
        if enquiry.relation:
            return worded("The review of your plan")
        return filled(
            "The review of {name}’s plan", name=student.name if enquiry.user_id else student.known_as
        )

    def readers(self, enquiry: Enquiry) -> str:
        return worded("Everybody at the review reads what you write.")

    def thanks(self, enquiry: Enquiry) -> str:
        return worded("Thank you. It is with the papers of the review.")

    def declined(self, row: Enquiry, by: User | None) -> None:
        actions.cannot(person=ReviewPerson.objects.get(pk=row.target_id or 0), words=row.declined_words)

    def followed_at(self, enquiry: Enquiry) -> str:
        return reverse("care:review", args=[enquiry.student_id, int(enquiry.period)])

    def abouts(self, rows: Sequence[Enquiry]) -> dict[int, str]:
        people = ReviewPerson.objects.filter(pk__in=[row.target_id for row in rows])
        days = dict(people.values_list("pk", "review__meets_at"))
        return {
            row.pk: filled("for the review on {when}", when=when(days[row.target_id or 0])) for row in rows
        }

    def behind_link(self, enquiry: Enquiry) -> str:
        return worded("Behind it stand the student’s first name and the date; nothing of the record.")

    def _letter(
        self, to: Any, mine: Sequence[Enquiry], page: str, again: bool, reminder: bool
    ) -> tuple[str, str]:
        one = mine[0]
        person = ReviewPerson.objects.select_related("review").get(pk=one.target_id or 0)
        context = {
            "enquiry": one,
            "person": person,
            "when": when(person.review.meets_at),
            "name": to.get_short_name() if hasattr(to, "get_short_name") else to.name,
            "initials": one.student.initials,
            "school_name": school.load().name,
            "url": settings.BASE_URL.rstrip("/") + page,
            "again": again,
        }
        return translated(self.subjects[reminder]), render_to_string("care/email/review.txt", context)
