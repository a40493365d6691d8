"""Opening a round, and why somebody takes no part."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.editing import EditForm
from keywork.forms import DateBox, KeyworkForm

from .. import rules
from ..models import RaterForm


class OpenRoundForm(KeyworkForm):
    """The academic year and its window."""

    year = forms.ChoiceField(label="Academic year")
    opens_on = forms.DateField(label="First day", widget=DateBox)
    closes_on = forms.DateField(
        label="Last day", widget=DateBox, help_text="Nothing closes by itself: late answers still count."
    )
    button = "Open the round"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, years: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("year", [(year, year) for year in years])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("opens_on"), data.get("closes_on")
        if first and last and last < first:
            self.add_error("closes_on", "The last day comes before the first")
        return data


class MissingForm(EditForm):
    """A reason, or none to ask them after all."""

    reason = forms.ChoiceField(
        label="Why do they take no part?",
        required=False,
        widget=forms.RadioSelect,
        choices=[*rules.NOT_TAKING_PART.items(), ("", "They do take part")],
    )
    words = forms.CharField(label="In a few words", required=False, max_length=300)
    button = "Save"
    back = ("Back", "back_url")
    shapes = {"reason": "is-rows"}

    def __init__(self, *args: Any, rater: RaterForm, **kwargs: Any) -> None:
        initial = {"reason": rater.missing, "words": rater.missing_words}
        super().__init__(*args, initial=initial, **kwargs)
        self.edits(rater)
