"""One box of words, to the other side."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm
from keywork.words import filled

from .actions import LONGEST


class MessageForm(KeyworkForm):
    words = forms.CharField(max_length=LONGEST, widget=forms.Textarea({"rows": 4}))
    missing = {"words": "Write a few words first"}
    button = "Send"

    def __init__(self, *args: Any, to: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = filled("Write to {get_short_name}", get_short_name=to)
        self.fields["words"].help_text = help_text
