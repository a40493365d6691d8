"""What is asked of somebody outside, and of whoever sends them a link."""

from __future__ import annotations

from typing import Any

from django import forms

from . import outside
from .forms import KeyworkForm

DAYS = [(str(days), f"{days} days") for days in outside.LINK_DAYS]


def lasts(label: str) -> Any:
    """The field that asks how long a link works."""
    return forms.ChoiceField(
        label=label, choices=DAYS, initial=str(outside.USUAL_LINK_DAYS), widget=forms.RadioSelect
    )


class LinkForm(KeyworkForm):
    """How long a new link lasts."""

    days = lasts("The new link lasts")
    button = "Send a new link"
    back = ("Go back", "back")
    shapes = {"days": "is-even"}


class CodeForm(KeyworkForm):
    """The six digits that were told by phone."""

    code = forms.CharField(
        label="Code of six digits",
        max_length=20,
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "kw-input-short"}
        ),
    )
    missing = {"code": "Write the six digits"}
