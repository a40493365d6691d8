"""Forms of a draft that both forms have: what was seen, a statement in three wordings, publishing, importing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, KeyworkForm, primary, quiet_link
from keywork.names import one_line

from .checks import TITLE, WORDING
from .upload import MOST_BYTES


class Line(forms.CharField):
    """Words on one line however they were pasted: runs of white space become one space."""

    def to_python(self, value: Any) -> str:
        return one_line(str(super().to_python(value) or ""))


def wording_box(label: str, **kwargs: Any) -> Line:
    """A sentence or two, in a box that shows all of it."""
    return Line(label=label, max_length=WORDING, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


def title_line(label: str, **kwargs: Any) -> Line:
    return Line(label=label, max_length=TITLE, **kwargs)


class SeenForm(KeyworkForm):
    """About a draft as a whole: carries its lock when the form was opened, so that nobody does what they did not see."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20)
    missing = {"seen": "Open this page again: it lost its place"}

    def see(self, fingerprint: str) -> None:
        """From here on, saving is about this state; what was typed stays."""
        self.retype("seen", fingerprint)


MEANING = (
    "Tick this when an old rating would no longer say the same thing. The old wording is retired with its "
    "records, and this one starts afresh."
)
EQUAL = "Tick this only if ratings of the old and the new may be compared as one."


def new_meaning() -> forms.BooleanField:
    return forms.BooleanField(label="The meaning has changed", help_text=MEANING, required=False)


def equivalent() -> forms.BooleanField:
    return forms.BooleanField(label="Old and new are interchangeable", help_text=EQUAL, required=False)


class StatementForm(EditForm):
    """One statement in its three wordings."""

    statement = wording_box("For staff", help_text="What can be seen, in the third person.")
    pupil_wording = wording_box("For students", help_text="Begins with “I”. Short words, reading age 9.")
    parent_wording = wording_box("For parents and carers", help_text="What home would see. Reading age 11.")
    ehcp_area_of_need = forms.ChoiceField(label="Area of need")
    pfa_outcome = forms.ChoiceField(label="Preparing for adulthood")
    new_meaning = new_meaning()
    equivalent = equivalent()
    button = "Save this statement"
    more: tuple[str, ...] = ()  # fields that only one of the forms has
    missing = {
        "statement": "Write the wording for staff",
        "pupil_wording": "Write the wording for students",
        "parent_wording": "Write the wording for parents and carers",
    }
    words = ("statement", "pupil_wording", "parent_wording", "ehcp_area_of_need", "pfa_outcome")

    def __init__(self, *args: Any, vocabularies: Mapping[str, Any], published: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ehcp_area_of_need", "pfa_outcome"):
            self.offer(name, list(vocabularies[name].items()))
        if not published:  # no record stands on it yet: any change is only a rewording
            del self.fields["new_meaning"], self.fields["equivalent"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("equivalent") and not given.get("new_meaning"):
            self.add_error("equivalent", "This only goes with a changed meaning: tick that too, or neither")
        return given

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.words}

    def layout(self) -> Layout:
        ticks = [name for name in ("new_meaning", "equivalent") if name in self.fields]
        return Layout(
            "statement",
            "pupil_wording",
            "parent_wording",
            Div("ehcp_area_of_need", "pfa_outcome", css_class="kw-grid is-2"),
            *self.more,
            *ticks,
            Actions(primary(self.button), quiet_link("Go back", "back")),
        )


class PublishForm(SeenForm):
    note = forms.CharField(
        label="What changed, and why",
        help_text="Staff read this beside the new version.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    missing = {**SeenForm.missing, "note": "Say what changed and why"}

    def layout(self) -> Layout:
        return Layout("seen", "note", Actions(primary("Publish this version"), quiet_link("Go back", "back")))


class ImportForm(SeenForm):
    """`seen` is empty when there was no draft."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    file = forms.FileField(
        label="File",
        help_text="A form exported from Keywork (.json), at most 512 KB. It becomes the draft; nothing is published.",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    missing = {**SeenForm.missing, "file": "Choose a file"}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 512 KB. A form is far smaller")
        return file

    def layout(self) -> Layout:
        return Layout("seen", "file", Actions(primary("Make it the draft"), quiet_link("Go back", "back")))
