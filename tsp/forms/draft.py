"""Forms of the draft that only TSP has: an area, the scale, a soft tool, a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, primary, quiet_link
from questionnaires.checks import TITLE, Doc
from questionnaires.forms import (
    StatementForm,
    equivalent,
    new_meaning,
    title_line,
    wording_box,
)

from ..template_doc import MOST_OPTIONS, PLAIN_TYPES


class AreaForm(EditForm):
    """The area's own words and its five anchors."""

    title = title_line("Title")
    pupil_title = title_line("Title for students")
    purpose = wording_box("What the area is about")
    anchor_0 = wording_box("0 Not yet seen")
    anchor_1 = wording_box("1 Beginning")
    anchor_2 = wording_box("2 Developing")
    anchor_3 = wording_box("3 Mostly")
    anchor_4 = wording_box("4 Secure")

    @staticmethod
    def initial_of(area: Doc) -> dict[str, Any]:
        anchors = {f"anchor_{anchor['value']}": anchor["descriptor"] for anchor in area["anchors"]}
        return {name: area[name] for name in ("title", "pupil_title", "purpose")} | anchors

    def values(self) -> dict[str, Any]:
        """Keyword arguments of template_edit.reword_area."""
        given = self.cleaned_data
        return {
            **{name: given[name] for name in ("title", "pupil_title", "purpose")},
            "anchors": [given[f"anchor_{value}"] for value in range(5)],
        }

    def layout(self) -> Layout:
        return Layout(
            Div("title", "pupil_title", css_class="kw-grid is-2"),
            "purpose",
            HTML("<h3>What each point looks like here</h3>"),
            *(f"anchor_{value}" for value in range(5)),
            Actions(primary("Save these words")),
        )


class NewAreaForm(AreaForm):
    """An area's own words and its first statement."""

    statement = wording_box("For staff", help_text="What can be seen, in the third person.")
    pupil_wording = wording_box("For students", help_text="Begins with “I”. Short words, reading age 9.")
    parent_wording = wording_box("For parents and carers", help_text="What home would see. Reading age 11.")
    ehcp_area_of_need = forms.ChoiceField(label="Area of need")
    pfa_outcome = forms.ChoiceField(label="Preparing for adulthood")
    missing = {
        "title": "Write a title",
        "pupil_title": "Write a title for students",
        "purpose": "Say what the area is about",
        "statement": "Write the wording for staff",
        "pupil_wording": "Write the wording for students",
        "parent_wording": "Write the wording for parents and carers",
    }

    def __init__(self, *args: Any, vocabularies: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ehcp_area_of_need"].choices = list(vocabularies["ehcp_area_of_need"].items())
        self.fields["pfa_outcome"].choices = list(vocabularies["pfa_outcome"].items())

    def item(self) -> dict[str, str]:
        """The first statement, as template_edit.add_area takes it."""
        return {name: self.cleaned_data[name] for name in StatementForm.words}

    def layout(self) -> Layout:
        return Layout(
            Div("title", "pupil_title", css_class="kw-grid is-2"),
            "purpose",
            HTML("<h2>Its first statement</h2>"),
            "statement",
            "pupil_wording",
            "parent_wording",
            Div("ehcp_area_of_need", "pfa_outcome", css_class="kw-grid is-2"),
            HTML("<h2>What each point looks like here</h2>"),
            *(f"anchor_{value}" for value in range(5)),
            Actions(primary("Add this area"), quiet_link("Go back", "back")),
        )


class ScaleForm(EditForm):
    """The five points: what staff read, what students read, and what each means. Values and codes stay."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for value in range(5):
            self.fields[f"label_{value}"] = title_line(f"Point {value} for staff")
            self.fields[f"pupil_label_{value}"] = title_line(f"Point {value} for students")
            self.fields[f"descriptor_{value}"] = wording_box(f"What point {value} means")
        for field in self.fields.values():
            field.error_messages["required"] = f"Fill in “{field.label}”"

    @staticmethod
    def initial_of(points: Sequence[Mapping[str, str]]) -> dict[str, str]:
        return {
            f"{name}_{value}": point[name]
            for value, point in enumerate(points)
            for name in ("label", "pupil_label", "descriptor")
        }

    def points(self) -> list[dict[str, str]]:
        """As template_edit.reword_scale takes them."""
        return [
            {name: self.cleaned_data[f"{name}_{value}"] for name in ("label", "pupil_label", "descriptor")}
            for value in range(5)
        ]

    def layout(self) -> Layout:
        pieces: list[Any] = []
        for value in range(5):
            pieces += [
                Div(f"label_{value}", f"pupil_label_{value}", css_class="kw-grid is-2"),
                f"descriptor_{value}",
            ]
        return Layout(*pieces, Actions(primary("Save the scale"), quiet_link("Go back", "back")))


class ToolForm(EditForm):
    title = title_line("Title")
    pupil_title = title_line(
        "Title for students", required=False, help_text="Leave it empty for a sheet students do not see."
    )

    def layout(self) -> Layout:
        return Layout(
            Div("title", "pupil_title", css_class="kw-grid is-2"),
            Actions(primary("Save these words")),
        )


class FieldForm(EditForm):
    """One field of a soft tool. Its type is chosen when it is added, and stays."""

    label = title_line("Label")
    pupil_label = title_line(
        "Label for students", required=False, help_text="Only where students should read other words."
    )
    parent_label = title_line(
        "Label for parents and carers", required=False, help_text="Only where home should read other words."
    )
    type = forms.ChoiceField(label="What is filled in", choices=list(PLAIN_TYPES.items()))
    options = forms.CharField(
        label="Answers to choose from",
        help_text="One to a line.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=3000,
    )
    sensitive = forms.BooleanField(
        label="Sensitive", help_text="Kept out of summaries and reports.", required=False
    )
    new_meaning = new_meaning()
    equivalent = equivalent()

    def __init__(self, *args: Any, field: Doc | None, published: bool, built_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field = field
        kind = field["type"] if field else None
        if field is not None:
            del self.fields["type"]
        # The answers of a field that Keywork works with are known to it by their words.
        if (kind is not None and kind != "choice") or built_in:
            del self.fields["options"]
        if not published or built_in:
            del self.fields["new_meaning"], self.fields["equivalent"]

    @staticmethod
    def initial_of(field: Doc) -> dict[str, Any]:
        names = ("label", "pupil_label", "parent_label", "sensitive")
        return {name: field.get(name) for name in names} | {"options": "\n".join(field.get("options", []))}

    def clean_options(self) -> list[str]:
        lines = (" ".join(line.split()) for line in self.cleaned_data["options"].splitlines())
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > MOST_OPTIONS:
            raise forms.ValidationError(f"At most {MOST_OPTIONS} answers")
        if any(len(line) > TITLE for line in found):
            raise forms.ValidationError(f"An answer has at most {TITLE} characters")
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        kind = self.field["type"] if self.field else given.get("type")
        if "options" in given:
            if kind != "choice":
                given["options"] = []
            elif len(given["options"]) < 2:
                self.add_error("options", "Write two answers or more, one to a line")
        if given.get("equivalent") and not given.get("new_meaning"):
            self.add_error("equivalent", "This only goes with a changed meaning: tick that too, or neither")
        return given

    def values(self) -> dict[str, Any]:
        names = ("label", "pupil_label", "parent_label", "type", "options", "sensitive")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    def layout(self) -> Layout:
        order = (
            "label",
            "type",
            "options",
            "pupil_label",
            "parent_label",
            "sensitive",
            "new_meaning",
            "equivalent",
        )
        return Layout(
            *(name for name in order if name in self.fields),
            Actions(primary("Save this field"), quiet_link("Go back", "back")),
        )
