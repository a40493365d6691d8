"""Pieces of the forms of the TSP form's own editor."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm

from ..template_doc import TITLE, WORDING


class Line(forms.CharField):
    """Words on one line however they were pasted: runs of white space become one space."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value) or "").split())


def wording_box(label: str, **kwargs: Any) -> Line:
    """A sentence or two, in a box that shows all of it."""
    return Line(label=label, max_length=WORDING, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


def title_line(label: str, **kwargs: Any) -> Line:
    return Line(label=label, max_length=TITLE, **kwargs)


class SeenForm(KeyworkForm):
    """Carries what the person saw when the form was opened, so that nobody overwrites anybody."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20)
    missing = {"seen": "Open this page again: it lost its place"}

    def see(self, fingerprint: str) -> None:
        """From here on, saving is about this state; what was typed stays."""
        self.data = self.data.copy()  # type: ignore[assignment]
        self.data["seen"] = fingerprint  # type: ignore[index]


MEANING = (
    "Tick this when an old rating would no longer say the same thing. The old wording is retired with its "
    "records, and this one starts afresh."
)
EQUAL = "Tick this only if ratings of the old and the new may be compared as one."


def new_meaning() -> forms.BooleanField:
    return forms.BooleanField(label="The meaning has changed", help_text=MEANING, required=False)


def equivalent() -> forms.BooleanField:
    return forms.BooleanField(label="Old and new are interchangeable", help_text=EQUAL, required=False)
