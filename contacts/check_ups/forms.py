"""What a teacher is asked, each week: one choice, and words where there is something to tell."""

from __future__ import annotations

from typing import Any, Final

from crispy_forms.layout import Field, Layout
from django import forms

from keywork.forms import KeyworkForm
from keywork.words import worded_lazy

WELL, ISSUE = "well", "issue"
HOW: Final = {WELL: "All is well", ISSUE: "There is something to tell"}


class CheckUpForm(KeyworkForm):
    how = forms.ChoiceField(label="How is it going?", choices=list(HOW.items()), widget=forms.RadioSelect)
    words = forms.CharField(
        label="What is there to tell?",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        help_text=worded_lazy(
            "For the keyworker and the core team. Worried that a student is not safe? Speak to the safeguarding lead now,"
            " and do not write it here."
        ),
    )
    missing = {"how": "Choose one of the two"}

    def layout(self) -> Layout:
        return Layout(Field("how", wrapper_class="is-even"), "words")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("how") == ISSUE and not data.get("words"):
            self.add_error("words", "Write in a few words what there is to tell")
        if data.get("how") == WELL and data.get("words"):
            self.add_error(
                "how", "You wrote something. Choose “There is something to tell”, or take your words out"
            )
        return data
