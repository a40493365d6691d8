"""What is asked when a form is sent that was typed in from paper; and whoever would rather not answer this year."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from enquiries.forms import RatherNotForm
from keywork import clock
from keywork.forms import KeyworkForm
from keywork.words import marked, worded_lazy


class PaperForm(KeyworkForm):
    answered_on = forms.DateField(
        label="Date on the paper",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Give the date on the paper",
            "invalid": "Give a date, such as 16/11/2026",
        },
    )
    helped_by = forms.CharField(
        label="Who helped them with it",
        required=False,
        max_length=100,
        help_text="Leave empty if nobody did.",
    )

    def clean_answered_on(self) -> date:
        day: date = self.cleaned_data["answered_on"]
        if day > clock.today():
            raise forms.ValidationError("This date is still to come")
        return day


class NotThisYearForm(RatherNotForm):
    """Of a parent, a carer or the student."""

    before = marked("That is fine. You can still change your mind and answer.")

    def __init__(self, *args: Any, audience: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if audience == "student":
            self.before = marked("That is OK. Nobody will be cross. I can change my mind.")
            self.fields["words"].label = worded_lazy("Do I want to say why?")
