"""The forms of the editor, drawn from the description: a part of the draft, publishing it, importing a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, KeyworkForm, primary, quiet_link, text_box
from keywork.names import one_line
from keywork.words import filled, worded

from .checks import TITLE, WORDING, Doc
from .description import Property, Questionnaire, Sections, edited
from .schema import MOST_BYTES


class OneLineField(forms.CharField):
    """Words on one line however they were pasted: runs of white space become one space."""

    def to_python(self, value: Any) -> str:
        return one_line(str(super().to_python(value) or ""))


class Lines(forms.CharField):
    """A list of short texts, one to a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (" ".join(line.split()) for line in str(value or "").splitlines())
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > self.most:
            raise forms.ValidationError(f"At most {self.most} answers")
        if any(len(line) > TITLE for line in found):
            raise forms.ValidationError(f"An answer has at most {TITLE} characters")
        return found


class SeenForm(KeyworkForm):
    """About a draft as a whole: carries its lock when the form was opened, so that nobody does what they did not see."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=20)
    missing = {"seen": "Open this page again: it lost its place"}


MEANING = (
    "Tick this when an old rating would no longer say the same thing. The old wording is retired with its "
    "records, and this one starts afresh."
)
EQUAL = "Tick this only if ratings of the old and the new may be compared as one."


class PartForm(EditForm):
    """A form of properties of the description, each with the name it has there."""

    level = "h2"  # of its headings: on most pages nothing but the title stands above

    def __init__(
        self,
        data: Any = None,
        *,
        properties: Sequence[Property],
        vocabularies: Mapping[str, Any],
        button: str,
        back: bool = True,
        **kwargs: Any,
    ) -> None:
        self.properties, self.button = properties, button
        self.back = ("Go back", "back") if back else None
        self.missing = {one.name: worded(one.missing) for one in properties if one.missing}
        fields = {one.name: _field(one, vocabularies) for one in properties} | self.own_fields()
        self.base_fields = fields  # type: ignore[misc]  # those of this form: its class has none
        super().__init__(data, **kwargs)

    def own_fields(self) -> dict[str, forms.Field]:
        return {}

    def values(self) -> dict[str, Any]:
        return {one.name: self.cleaned_data[one.name] for one in self.properties}

    def layout(self) -> Layout:
        own = [name for name in self.own_fields() if name in self.fields]
        links = [quiet_link(*self.back)] if self.back else []
        return Layout(*laid(self.properties, self.level), *own, Actions(primary(self.button), *links))


class QuestionForm(PartForm):
    """`question` is the one that is changed; `published` where records stand on it, `built_in` where Keywork works
    with it."""

    def __init__(
        self,
        data: Any = None,
        *,
        kind: Sections,
        question: Doc | None = None,
        published: bool = False,
        built_in: bool = False,
        **kwargs: Any,
    ) -> None:
        self.question, self.may_mean_another = question, published and not built_in
        properties = edited(kind.question_properties)
        if question is not None:
            properties = [one for one in properties if not one.once and _goes(one, question)]
            kwargs["initial"] = {one.name: one.of(question) for one in properties}
        if built_in:  # the answers of a field that Keywork works with are known to it by their words
            properties = [one for one in properties if one.goes_with is None]
        super().__init__(data, properties=properties, button=f"Save this {kind.question}", **kwargs)

    def own_fields(self) -> dict[str, forms.Field]:
        if not self.may_mean_another:  # where no record stands on it yet any change is only a rewording
            return {}
        return {
            "new_meaning": forms.BooleanField(
                label="The meaning has changed", help_text=MEANING, required=False
            ),
            "equivalent": forms.BooleanField(
                label="Old and new are interchangeable", help_text=EQUAL, required=False
            ),
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for one in self.properties:
            if not _goes(one, {**(self.question or {}), **given}):
                given[one.name] = []
            elif one.goes_with and one.name in given and len(given[one.name]) < 2:
                self.add_error(one.name, "Write two answers or more, one to a line")
        if given.get("equivalent") and not given.get("new_meaning"):
            self.add_error("equivalent", "This only goes with a changed meaning: tick that too, or neither")
        return given


class NewSectionForm(PartForm):
    """A section's own words and its first question, which stands before what has a heading of its own."""

    def __init__(self, data: Any = None, *, kind: Sections, **kwargs: Any) -> None:
        own, asked = edited(kind.properties), edited(kind.question_properties)
        place = next((place for place, one in enumerate(own) if one.heading), len(own))
        asked[0] = replace(asked[0], heading=f"Its first {kind.question}")
        self.asked = [one.name for one in asked]
        properties = [*own[:place], *asked, *own[place:]]
        super().__init__(data, properties=properties, button=f"Add this {kind.called}", **kwargs)

    def question(self) -> dict[str, Any]:
        return {name: value for name, value in self.values().items() if name in self.asked}

    def section(self) -> dict[str, Any]:
        return {name: value for name, value in self.values().items() if name not in self.asked}


class AnswersForm(PartForm):
    """What people can answer, as each audience reads it. What an answer counts never changes.

    `answers` are those of the document, in its order.
    """

    def __init__(
        self, data: Any = None, *, form: Questionnaire, answers: Sequence[Doc], **kwargs: Any
    ) -> None:
        described = form.answers
        self.words = [one.name for one in edited(described.properties)]
        properties, initial = [], {}
        # Headings are the code's own words: crispy draws them as a template, which words from a file must never be.
        for place, answer in enumerate(answers):
            heading = described.called(answer) if described.headed else ""
            for number, one in enumerate(edited(described.properties)):
                label = filled(one.label, answer.get("value"))
                name = f"{one.name}_{place}"
                missing = f"{heading}: fill in “{label}”" if heading else ""
                above = "" if number else heading
                properties.append(replace(one, name=name, label=label, missing=missing, heading=above))
                initial[name] = answer[one.name]
        self.count = len(answers)
        kwargs |= {"properties": properties, "initial": initial, "button": f"Save the {described.name}"}
        super().__init__(data, **kwargs)

    def answers(self) -> list[dict[str, str]]:
        return [
            {name: self.cleaned_data[f"{name}_{place}"] for name in self.words} for place in range(self.count)
        ]


class SectionForm(PartForm):
    """A section's own words, beneath a heading of their own."""

    level = "h3"


def laid(properties: Sequence[Property], level: str) -> list[Any]:
    """Pieces of a layout: what stands beside the one before shares its line."""
    pieces: list[Any] = []
    for one in properties:
        if one.heading:
            pieces.append(HTML(f"<{level}>{one.heading}</{level}>"))
        if one.beside:
            before = pieces.pop()
            before = Div(before, css_class="kw-grid is-2") if isinstance(before, str) else before
            before.fields.append(one.name)
            pieces.append(before)
        else:
            pieces.append(one.name)
    return pieces


def _goes(one: Property, question: Mapping[str, Any]) -> bool:
    return one.goes_with is None or question.get(one.goes_with[0]) == one.goes_with[1]


def _field(one: Property, vocabularies: Mapping[str, Any]) -> forms.Field:
    told: dict[str, Any] = {
        "label": worded(one.label),
        "help_text": worded(one.help),
        "required": one.empty == "never",
    }
    match one.kind:
        case "line":
            return OneLineField(max_length=TITLE, **told)
        case "box":
            return OneLineField(max_length=WORDING, widget=forms.Textarea(attrs={"rows": 2}), **told)
        case "lines":
            return Lines(most=one.most, **told)
        case "flag":
            return forms.BooleanField(**told | {"required": False})
        case "tag":
            return forms.ChoiceField(choices=list(vocabularies[one.name].items()), **told)
        case "choice":
            return forms.ChoiceField(choices=list(one.choices.items()), **told)
        case "number":
            choices = [("" if value is None else str(value), words) for value, words in one.choices.items()]
            return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, **told)


class PublishForm(SeenForm):
    note = text_box("What changed, and why", 500, help_text="Staff read this beside the new version.")
    missing = {**SeenForm.missing, "note": "Say what changed and why"}
    button = "Publish this version"
    back = ("Go back", "back")


class ImportForm(SeenForm):
    """`seen` is empty when there was no draft."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    file = forms.FileField(
        label="File",
        help_text="A form exported from Keywork (.json), at most 512 KB. It becomes the draft; nothing is published.",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    missing = {**SeenForm.missing, "file": "Choose a file"}
    button = "Make it the draft"
    back = ("Go back", "back")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 512 KB. A form is far smaller")
        return file
