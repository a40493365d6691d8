"""Forms of the People tab and of what surrounds a student: sharing, days away, corrections, own choice, hand-over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.db.models import QuerySet

from keywork import clock
from keywork.account_forms import AwayForm
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, primary, quiet_link, text_box
from keywork.models import User
from keywork.phones import parsed
from keywork.words import worded_lazy

from ..importing.values import is_no_phone
from ..models import FamilyLink, OwnChoiceAtHome, Student

WHAT = (
    ("view_student", "The record’s front page: who they are and who is around them"),
    ("view_log", worded_lazy("The key worker log as well, to read")),
    ("cover", "Cover: read, log contacts and sessions, see family details"),
)


class ShareForm(KeyworkForm):
    """Who, what, until when, why. `users` are the people it may be shared with."""

    user = forms.ModelChoiceField(User.objects.none(), label="With whom", empty_label="Choose a person")
    what = forms.ChoiceField(label="What they may do", choices=WHAT, widget=forms.RadioSelect)
    expires_on = forms.DateField(
        label="Last day", help_text="It closes by itself after this day.", widget=DateBox
    )
    reason = forms.CharField(
        label="Why they need it", max_length=300, help_text="It is kept with the record."
    )
    missing = {
        "user": "Choose who it is shared with",
        "what": "Choose what they may do",
        "expires_on": "Choose the last day",
        "reason": "Say why they need it",
    }
    button = "Share this record"
    shapes = {"what": "is-rows"}

    def __init__(self, *args: Any, users: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, prefix="share", **kwargs)
        self.offer_rows("user", users)


class AbsenceForm(AwayForm):
    note = forms.CharField(label="Note", max_length=200, required=False)


class HandOverForm(KeyworkForm):
    words = text_box(
        worded_lazy("What the next keyworker should know"),
        5000,
        rows=8,
        help_text="What works, what is open, what was promised, how home likes to be reached. "
        "What only the safeguarding lead may know does not belong here.",
    )
    missing = {"words": worded_lazy("Write what the next keyworker should know")}
    button = "Save the note"
    back = ("Not now", "back_url")


class ReadFirstForm(EditForm):
    read_first = text_box(
        "Read first",
        300,
        required=False,
        help_text="What anyone must know before they ring or meet. It stands on top of the record and on Today.",
    )
    button = "Save"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, initial={"read_first": student.read_first}, **kwargs)
        self.edits(student)


class NumberForm(EditForm):
    mobile = forms.CharField(label="Mobile", max_length=30, required=False)
    phone = forms.CharField(label="Other phone", max_length=30, required=False)
    best_time = forms.CharField(
        label="Best time to ring", max_length=120, required=False, help_text="As they said it: after 4 pm."
    )
    button = "Save"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, link: FamilyLink, **kwargs: Any) -> None:
        member = link.member
        self.before = {"mobile": member.mobile, "phone": member.phone}
        super().__init__(*args, initial={**self.before, "best_time": link.best_time}, **kwargs)
        self.edits(link, member)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, before in self.before.items():
            number = given.get(name)
            if number and number != before and (parsed(number) is None or is_no_phone(number)):
                self.add_error(name, "Write a whole phone number, like 07700 900321")
        return given


class OwnChoiceForm(KeyworkForm):
    """One question for each adult at home. `now` is what each of them sees today, by link."""

    decided_on = forms.DateField(label="When they decided", widget=DateBox)
    speaks_for_self = forms.BooleanField(
        label=worded_lazy("From now on the student speaks for themselves"),
        required=False,
        help_text="About the EHC plan and other decisions the school asks them, not their parents.",
    )
    words = text_box("In their own words", 2000, required=False)
    missing = {"decided_on": "Choose the day on which they decided"}

    def __init__(
        self, *args: Any, links: Sequence[FamilyLink], now: dict[int, str], speaks: bool, **kwargs: Any
    ) -> None:
        initial = {"decided_on": clock.today(), "speaks_for_self": speaks}
        super().__init__(*args, initial=initial, **kwargs)
        self.links = links
        for link in links:
            self.fields[f"link_{link.pk}"] = forms.ChoiceField(
                label=f"What {link.label} sees",
                choices=OwnChoiceAtHome.Sees.choices,
                initial=now.get(link.pk, OwnChoiceAtHome.Sees.ALL),
                widget=forms.RadioSelect,
            )
        self.word_plainly()

    def chosen(self) -> dict[str, Any]:
        facts = {name: self.cleaned_data[name] for name in ("decided_on", "speaks_for_self", "words")}
        return {**facts, "sees": {link.pk: self.cleaned_data[f"link_{link.pk}"] for link in self.links}}

    def layout(self) -> Layout:
        people = [Field(f"link_{link.pk}", wrapper_class="is-rows") for link in self.links]
        return Layout(
            "decided_on",
            "speaks_for_self",
            *people,
            "words",
            Actions(primary("Save what they decided"), quiet_link("Back", "back_url")),
        )
