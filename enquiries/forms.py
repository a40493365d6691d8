"""What whoever was asked says of not answering."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm


class CannotForm(KeyworkForm):
    """They say that they cannot. The words of the button, and of what stands above the box, are the form's own."""

    words = forms.CharField(label="Why, in a few words", max_length=300)
    missing = {"words": "Say why in a few words"}
    opener, send_words = "I cannot answer this", "Say that I cannot"
    hint, before = "Whoever asked you reads this, and does not wait for you.", ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="cannot-%s", **kwargs)


class RatherNotForm(CannotForm):
    """A parent or carer would rather not: why is theirs to say or not."""

    words = forms.CharField(label="Would you like to say why?", max_length=300, required=False)
    opener = send_words = "I would rather not"
    hint, before = "", "That is fine. We will not ask again this term."
