"""The form of a hand-over note."""

from __future__ import annotations

from django import forms

from keywork.forms import KeyworkForm
from keywork.words import worded_lazy


class HandOverForm(KeyworkForm):
    words = forms.CharField(
        label=worded_lazy("What the next keyworker should know"),
        max_length=5000,
        widget=forms.Textarea({"rows": 8}),
        help_text="What works, what is open, what was promised, how home likes to be reached. "
        "What only the safeguarding lead may know does not belong here.",
    )
    missing = {"words": worded_lazy("Write what the next keyworker should know")}
    button = "Save the note"
    back = ("Not now", "back_url")
