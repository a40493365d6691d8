"""What is asked about a contact and about a session: two kinds, whose `period` is the key of the entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.urls import reverse

from enquiries.answering import Questions
from enquiries.forms import CannotForm
from enquiries.kinds import EnquiryKind, about_one_of, kind_of
from enquiries.models import Enquiry
from keywork import clock
from keywork.access import Can
from keywork.dates import day_in_full
from keywork.editing import EditForm
from keywork.forms import DateBox, KeyworkForm, text_box
from keywork.models import User

from ..models import HomeContact, KeyworkSession
from ..models.entry import LogEntry


class WhatCameForm(KeyworkForm):
    came = text_box(
        "What came of it",
        500,
        rows=4,
        help_text="A sentence or two. Did you speak with home or with the student? Log that as well.",
    )
    missing = {"came": "Say what came of it"}


class CannotFollowUpForm(CannotForm):
    opener, send_words = "I cannot do this", "Say that I cannot"
    hint = "Whoever asked you reads this, and asks somebody else."


class _FollowUp(EnquiryKind):
    """Whoever may read the entry today may answer: a post that ended, or a level that went up, shuts it."""

    name = "something to follow up"
    form = WhatCameForm
    declining = CannotFollowUpForm
    read_by = Can.VIEW_LOG
    in_digest = True
    model: ClassVar[type[LogEntry]]
    noun: ClassVar[str]

    def for_colleague(self, user: Any) -> Q:
        return about_one_of(self.model.objects.readable_by(user))

    def answering(self, enquiry: Enquiry) -> Questions:
        return FollowUpQuestions(enquiry, self.form)

    def title(self, enquiry: Enquiry) -> str:
        return f"{enquiry.asked_by.name} asks you about {enquiry.student.name}"

    def readers(self, enquiry: Enquiry) -> str:
        return f"{enquiry.asked_by.name} reads what you answer, and so does everyone who may read the {self.noun}."

    def thanks(self, enquiry: Enquiry) -> str:
        return f"Thank you. {enquiry.asked_by.name} is told what came of it."

    def followed_at(self, enquiry: Enquiry) -> str:
        return reverse(f"contacts:{self.noun}", args=[int(enquiry.period)])

    def abouts(self, rows: Sequence[Enquiry]) -> dict[int, str]:
        days = dict(
            self.model.objects.filter(pk__in=[int(row.period) for row in rows]).values_list(
                "pk", "happened_on"
            )
        )
        return {row.pk: f"about the {self.noun} of {day_in_full(days[int(row.period)])}" for row in rows}


class ContactFollowUp(_FollowUp):
    slug, noun, model = "contacts.follow_contact", "contact", HomeContact


class SessionFollowUp(_FollowUp):
    slug, noun, model = "contacts.follow_session", "session", KeyworkSession


KINDS = {"contact": ContactFollowUp(), "session": SessionFollowUp()}
SLUGS = tuple(kind.slug for kind in KINDS.values())


class FollowUpQuestions(Questions):
    lead = "contacts/_follow_up_lead.html"
    send_words = "It is done"

    @property
    def entry_url(self) -> str:
        return kind_of(self.enquiry).followed_at(self.enquiry)


MAY_NOT_READ = "Whom you chose may not read this entry, so it cannot be asked of them"


class FollowUpForm(EditForm):
    """`people` are those who may read the entry; `asks_again` where the words stand already."""

    person = forms.ModelChoiceField(
        label="Whom to ask",
        queryset=User.objects.none(),
        empty_label="Choose",
        help_text="Only colleagues who may read this entry stand here.",
    )
    words = text_box("What to do", 500, help_text="For example: please ring dad back about the school trip.")
    answer_by = forms.DateField(label="By when", widget=DateBox)
    missing = {
        "person": "Choose whom to ask",
        "words": "Say what they are to do",
        "answer_by": "Choose by when",
    }
    button = "Ask them"
    back = ("Go back", "back")

    def __init__(self, *args: Any, people: Sequence[User], asks_again: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_rows("person", User.objects.filter(pk__in=[user.pk for user in people]))
        self.fields["person"].error_messages["invalid_choice"] = MAY_NOT_READ
        if asks_again:
            del self.fields["words"]

    def clean_answer_by(self) -> Any:
        day = self.cleaned_data["answer_by"]
        if day < clock.today():
            raise forms.ValidationError("Choose today or a later day")
        return day
