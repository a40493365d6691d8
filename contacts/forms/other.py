"""A hold on contact with home."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, primary
from keywork.words import worded_lazy

from ..models import Miss


class ExplainForm(EditForm):
    """Why something was missed, from whoever was there."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=worded_lazy("Those who read the key worker log read it, and the Head of Social Education."),
    )
    missing = {"reason": "Say why it was missed"}
    button = "Keep it"
    back = ("Go back", "back")

    def __init__(self, *args: Any, miss: Miss, **kwargs: Any) -> None:
        super().__init__(*args, initial={"reason": miss.said}, **kwargs)
        answer = getattr(miss, "answer", None)
        self.edits(*([answer] if answer is not None else []))


class HoldForm(KeyworkForm):
    starts_on = forms.DateField(label="First day", widget=DateBox)
    ends_on = forms.DateField(label="Last day", widget=DateBox)
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text=worded_lazy(
            "Only you, the Head of Social Education and the safeguarding leads can read this."
        ),
    )
    missing = {
        "starts_on": "Choose the first day",
        "ends_on": "Choose the last day",
        "reason": "Say why home must not be contacted",
    }

    def layout(self) -> Layout:
        return Layout(
            Div("starts_on", "ends_on", css_class="kw-row"), "reason", Actions(primary("Place hold"))
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", "Choose a last day that is not before the first")
        return data
