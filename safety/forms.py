"""I do not feel safe: what a student may say; and what was done about it."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm, text_box

from .models import Worry
from .worry_audience import Audience


class SayForm(KeyworkForm):
    words = forms.CharField(label="What is wrong?", max_length=2000, required=False, widget=forms.Textarea)
    about_staff = forms.BooleanField(label="It is about an adult who works at school", required=False)
    left_out = forms.TypedMultipleChoiceField(label="Do not show it to", required=False, coerce=int)

    def __init__(self, *args: Any, audience: Audience, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("left_out", [(user.pk, user.get_short_name()) for user in audience.everyone])


class HomeWorryForm(KeyworkForm):
    words = text_box("What worries you?", 2000, rows=4)
    about_staff = forms.BooleanField(label="It is about an adult who works at the school", required=False)
    missing = {"words": "Write what worries you. A few words are enough"}
    button = "Pass it on now"


class DoneForm(KeyworkForm):
    done = forms.MultipleChoiceField(
        label="What was done?", choices=Worry.Done.choices, widget=forms.CheckboxSelectMultiple
    )
    missing = {"done": "Choose what was done"}
