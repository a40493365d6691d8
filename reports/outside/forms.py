"""Whom outside the school a report is for."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm
from keywork.outside_forms import lasts


class OutsideForm(KeyworkForm):
    """Somebody without an account, by name."""

    name = forms.CharField(label="Name", max_length=100)
    role = forms.CharField(
        label="Role",
        max_length=100,
        help_text="Such as: SEN officer of the authority, occupational therapist.",
    )
    email = forms.EmailField(label="Work e-mail address", max_length=254)
    days = lasts("The link lasts")
    missing = {"name": "Write their name", "role": "Write their role", "email": "Write their e-mail address"}
    button = "Put them on the list"
    back = ("Go back", "back")
    shapes = {"days": "is-even"}

    def facts(self) -> dict[str, Any]:
        """Keyword arguments of actions.add."""
        return {**self.cleaned_data, "days": int(self.cleaned_data["days"])}
