"""Forms of a student's request for another keyworker."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm, text_box
from keywork.words import worded_lazy
from students.models import ChangeRequest


class AskForm(KeyworkForm):
    """Of the student."""

    words = text_box("What I want to say", 2000, rows=4)
    missing = {"words": "Write something. A few words are enough"}
    button = "Send it"
    back = ("Go back", "back_url")


class PassOnForm(KeyworkForm):
    """Of an adult to whom the student said it."""

    words = text_box(worded_lazy("In the student’s own words"), 2000, rows=4)
    missing = {"words": worded_lazy("Write down what the student said")}
    button = "Pass it on"
    back = ("Not now", "back_url")

    def __init__(self, *args: Any, readers: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = f"Only {readers} can read it. You cannot open it again."


class AnswerForm(KeyworkForm):
    outcome = forms.ChoiceField(
        label="What happens", choices=ChangeRequest.Outcome.choices, widget=forms.RadioSelect
    )
    answer = text_box(
        worded_lazy("What the student reads"),
        1000,
        rows=4,
        help_text="It stands on their own page. Use few and plain words.",
    )
    missing = {"outcome": "Choose what happens", "answer": worded_lazy("Write what the student will read")}
    button = "Answer"
    back = ("Not now", "back_url")
    shapes = {"outcome": "is-rows"}
