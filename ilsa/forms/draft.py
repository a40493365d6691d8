"""Forms of the draft that only the assessment has: a question, a domain's own words, the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import HTML, Div, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, primary, quiet_link
from questionnaires.checks import Doc
from questionnaires.forms import StatementForm, title_line, wording_box

from .. import rules
from ..template_doc import FIRST_YEAR, LAST_YEAR
from ..template_edit import LABELS

YEARS = [("", "Every year"), *((str(year), f"Year {year}") for year in range(FIRST_YEAR, LAST_YEAR + 1))]
# Headings are of our own words: crispy draws HTML(...) as a template, which words from a file must never become.
NO_POINT = {
    rules.NOT_APPLICABLE: "No point: it does not apply",
    rules.NOT_SEEN: "No point: no chance to see it",
}


class QuestionForm(StatementForm):
    """One question in its three wordings, and the year from which it usually applies."""

    from_year = forms.ChoiceField(
        label="Usually applies from",
        choices=YEARS,
        required=False,
        help_text="In earlier years “does not apply” is chosen already; people can always rate it instead.",
    )
    button = "Save this question"
    more = ("from_year",)

    @classmethod
    def initial_of(cls, item: Doc) -> dict[str, Any]:
        year = item["suggested_from_nc_year"]
        return {name: item[name] for name in cls.words} | {"from_year": str(year or "")}

    def values(self) -> dict[str, Any]:
        """As template_edit takes them."""
        year = self.cleaned_data["from_year"]
        return {**super().values(), "suggested_from_nc_year": int(year) if year else None}


class DomainForm(EditForm):
    """The domain's own words."""

    title = title_line("Title")
    pupil_title = title_line("Title for students")
    purpose = wording_box("What the domain is about")
    missing = {
        "title": "Write a title",
        "pupil_title": "Write a title for students",
        "purpose": "Say what the domain is about",
    }

    def layout(self) -> Layout:
        return Layout(
            Div("title", "pupil_title", css_class="kw-grid is-2"),
            "purpose",
            Actions(primary("Save these words")),
        )


class AnswersForm(EditForm):
    """What people can answer, as each audience reads it. What an answer counts never changes."""

    def __init__(self, *args: Any, answers: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        """`answers`: the points and the two that are no score, in the order of template_edit.answer_words."""
        super().__init__(*args, **kwargs)
        self.names = [f"Point {one['value']}" if "value" in one else NO_POINT[one["code"]] for one in answers]
        for place in range(len(answers)):
            self.fields[f"label_{place}"] = title_line("For staff")
            self.fields[f"pupil_label_{place}"] = title_line("For students")
            self.fields[f"parent_label_{place}"] = title_line("For parents and carers")
            self.fields[f"descriptor_{place}"] = wording_box("What it means")
            for name in LABELS:
                field = self.fields[f"{name}_{place}"]
                field.error_messages["required"] = f"{self.names[place]}: fill in “{field.label}”"

    @staticmethod
    def initial_of(words: Sequence[Mapping[str, str]]) -> dict[str, str]:
        return {f"{name}_{place}": one[name] for place, one in enumerate(words) for name in LABELS}

    def answers(self) -> list[dict[str, str]]:
        """As template_edit.reword_answers takes them."""
        return [
            {name: self.cleaned_data[f"{name}_{place}"] for name in LABELS}
            for place in range(len(self.names))
        ]

    def layout(self) -> Layout:
        pieces: list[Any] = []
        for place, name in enumerate(self.names):
            lines = [f"{word}_{place}" for word in LABELS]
            pieces += [HTML(f"<h2>{name}</h2>"), Div(*lines, css_class="kw-grid is-2")]
        return Layout(*pieces, Actions(primary("Save the answers"), quiet_link("Go back", "back")))
