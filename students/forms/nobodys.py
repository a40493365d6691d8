"""What is typed where a number or an address is wanted and none is known: a file leaves it out, a page refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from ..importing.values import is_no_email, is_no_phone

REACHED_BY = {
    "mobile": (is_no_phone, "number"),
    "phone": (is_no_phone, "number"),
    "email": (is_no_email, "address"),
}


def refuse_nobodys(form: forms.Form, given: Mapping[str, Any]) -> None:
    """What stood before is no reason to keep somebody from changing the rest."""
    for name, (stands_for_none, what) in REACHED_BY.items():
        text = given.get(name)
        if text and name in form.changed_data and stands_for_none(text):
            form.add_error(name, f"“{text}” is nobody’s {what}. Leave this empty if none is known")
