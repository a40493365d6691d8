"""Forms of the People tab: share the record with one person, say when the student was away."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.db.models import QuerySet

from keywork.forms import Actions, DateBox, KeyworkForm, secondary
from keywork.models import User
from keywork.words import worded_lazy

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


class AbsenceForm(KeyworkForm):
    """Full days away, both included."""

    starts_on = forms.DateField(label="First day away", widget=DateBox)
    ends_on = forms.DateField(
        label="Last day away", required=False, help_text="Leave empty if it was one day.", widget=DateBox
    )
    note = forms.CharField(label="Note", max_length=200, required=False)
    missing = {"starts_on": "Choose the first day away"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="away", **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts_on") and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            cleaned["ends_on"] = cleaned["starts_on"]
        return cleaned

    def layout(self) -> Layout:
        return Layout("starts_on", "ends_on", "note", Actions(secondary("Add these days")))
