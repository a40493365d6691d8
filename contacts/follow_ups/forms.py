"""Whom to ask, what, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import DateBox
from keywork.models import User

MAY_NOT_READ = "Whom you chose may not read this entry, so it cannot be asked of them"


class FollowUpForm(EditForm):
    """`people` are those who may read the entry; `asks_again` where the words stand already."""

    person = forms.ModelChoiceField(
        label="Whom to ask",
        queryset=User.objects.none(),
        empty_label="Choose",
        help_text="Only colleagues who may read this entry stand here.",
    )
    words = forms.CharField(
        label="What to do",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="For example: please ring dad back about the school trip.",
    )
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
