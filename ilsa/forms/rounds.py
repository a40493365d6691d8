"""Opening a round, why somebody takes no part, and agreeing a value: one of the five, why the views differed, a note."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import DateBox, KeyworkForm, text_box

from .. import rules
from ..models import Agreement, RaterForm
from ..templates import Template


class OpenRoundForm(KeyworkForm):
    year = forms.ChoiceField(label="Academic year")
    opens_on = forms.DateField(label="First day", widget=DateBox)
    closes_on = forms.DateField(
        label="Last day", widget=DateBox, help_text="Nothing closes by itself: late answers still count."
    )
    button = "Open the round"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, years: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("year", [(year, year) for year in years])


class MissingForm(EditForm):
    """A reason, or none to ask them after all."""

    reason = forms.ChoiceField(
        label="Why do they take no part?",
        required=False,
        widget=forms.RadioSelect,
        choices=[*rules.NOT_TAKING_PART.items(), ("", "They do take part")],
    )
    words = forms.CharField(label="In a few words", required=False, max_length=300)
    button = "Save"
    back = ("Back", "back_url")
    shapes = {"reason": "is-rows"}

    def __init__(self, *args: Any, rater: RaterForm, **kwargs: Any) -> None:
        initial = {"reason": rater.missing, "words": rater.missing_words}
        super().__init__(*args, initial=initial, **kwargs)
        self.edits(rater)


class AgreeForm(EditForm):
    """`agreed` is what stands now, if anything does."""

    score = forms.TypedChoiceField(label="What did you agree?", coerce=int, widget=forms.RadioSelect)
    tags = forms.MultipleChoiceField(
        label="Why did the views differ?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(rules.EXPLANATIONS.items()),
    )
    note = text_box("Note", 500, required=False)
    agreed_on = forms.DateField(label="Day you talked", widget=DateBox)
    missing = {"score": "Choose one of the five", "agreed_on": "Give the day you talked"}
    button = "Save what we agreed"
    back = ("Back", "back_url")
    shapes = {"score": "is-rows", "tags": "is-chips"}

    def __init__(
        self, *args: Any, template: Template, agreed: Agreement | None, family: str, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {
            "agreed_on": agreed.agreed_on if agreed else clock.today(),
            "score": agreed.score if agreed else None,
            "tags": agreed.tags if agreed else [],
            "note": agreed.note if agreed else "",
        }
        super().__init__(*args, **kwargs)
        self.offer("score", [(one.value, f"{one.value} {one.staff}") for one in template.scale])
        self.fields["note"].help_text = family
        self.edits(*([agreed] if agreed else []))
