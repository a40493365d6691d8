"""What is asked when a form is sent that was typed in from paper."""

from __future__ import annotations

from datetime import date

from django import forms

from keywork import clock
from keywork.forms import KeyworkForm


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
