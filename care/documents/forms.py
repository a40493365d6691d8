"""Filing a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import DateBox, text_box
from keywork.levels import Level

from .models import FiledDocument
from .uploads import Kept, kept_from

FACTS = ("kind", "title", "dated_on", "author", "level", "words")


class DocumentForm(EditForm):
    kind = forms.ChoiceField(label="What it is", choices=FiledDocument.Kind.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label="Title", max_length=150, help_text="As it stands on it, or what it is about."
    )
    author = forms.CharField(label="From whom", max_length=150, help_text="Name and what they are.")
    dated_on = forms.DateField(label="Date on it", widget=DateBox)
    file = forms.FileField(
        label="The file",
        required=False,
        help_text="A PDF up to 20 MB, or a JPEG or PNG picture up to 5 MB. The words of a PDF are found by the search.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )
    words = text_box(
        "Its words",
        20_000,
        rows=6,
        required=False,
        help_text="Paste an e-mail or a note here, or say in a sentence what the file holds.",
    )
    level = forms.ChoiceField(label="Who can read this", widget=forms.RadioSelect)
    missing = {
        "kind": "Say what it is",
        "title": "Give it a title",
        "author": "Say from whom it is",
        "dated_on": "Say of which day it is",
        "level": "Say who can read it",
    }
    button = "File it"
    back = ("Back", "back_url")
    shapes = {"kind": "is-rows", "level": "is-rows"}

    def __init__(self, *args: Any, offered: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, initial={"level": next(iter(offered), "")}, **kwargs)
        self.offer("level", [(one.value, one.label) for one in Level if one.value in offered])

    def clean_dated_on(self) -> date:
        day: date = self.cleaned_data["dated_on"]
        if day > clock.today():
            raise forms.ValidationError("Choose a date that is today or earlier")
        return day

    def clean_file(self) -> Kept | None:
        upload = self.cleaned_data["file"]
        return kept_from(upload) if upload else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("file") and not given.get("words") and "file" not in self.errors:
            self.add_error("file", "Choose a file, or paste its words below")
        return given

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FACTS}
