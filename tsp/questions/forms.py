"""Forms of proposing a change to the form, and of answering."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm
from keywork.words import worded_lazy

from .templates import Template


def about_choices(form: Template) -> list[tuple[str, Any]]:
    """Statements by area, then soft tools; nothing in particular first."""
    return [
        ("", "Something else, or something new"),
        *((area.title, [(one.slug, one.staff) for one in area.statements]) for area in form.areas),
        ("Soft tools", [(f"tool:{tool.slug}", tool.title) for tool in form.tools]),
    ]


def words_about(form: Template, about: str) -> str:
    """How what a proposal is about reads in this form; "" when it is about nothing in it."""
    if about.startswith("tool:"):
        return next((tool.title for tool in form.tools if f"tool:{tool.slug}" == about), "")
    found = form.statements.get(about)
    return found.staff if found else ""


class ProposeForm(KeyworkForm):
    about = forms.ChoiceField(label="What it is about", required=False)
    text = forms.CharField(
        label="What should change",
        help_text=worded_lazy("Do not name a student."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(label="Why", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    missing = {"text": "Say what should change", "reason": "Say why"}
    button = "Send to the coordinator"
    back = ("Go back", "back")

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("about", about_choices(template))


class AnswerForm(KeyworkForm):
    decision = forms.ChoiceField(
        label="Your answer",
        choices=[("accepted", "Accept"), ("declined", "Decline")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="In your words",
        help_text="They read this.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    missing = {"decision": "Choose whether you accept it", "answer": "Say why, so that they know"}
    button = "Answer"
    back = ("Go back", "back")
    shapes = {"decision": "is-even"}
