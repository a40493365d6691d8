"""Opening a round, why somebody takes no part, sending, and agreeing a value."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from enquiries.forms import RatherNotForm
from keywork import clock
from keywork.dates import academic_year
from keywork.editing import EditForm
from keywork.forms import DateBox, KeyworkForm, text_box
from keywork.words import marked, worded_lazy

from . import rules
from .models import Agreement, RaterForm
from .templates import Template


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
        self.offer("year", [(year, academic_year(year)) for year in years])


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


class PaperForm(KeyworkForm):
    answered_on = forms.DateField(
        label="Date on the paper",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Give the date on the paper",
            "invalid": "Give a date, such as 16/11/2026",
        },
    )
    helped_by = forms.CharField(
        label="Who helped them with it",
        required=False,
        max_length=100,
        help_text="Leave empty if nobody did.",
    )

    def clean_answered_on(self) -> date:
        day: date = self.cleaned_data["answered_on"]
        if day > clock.today():
            raise forms.ValidationError("This date is still to come")
        return day


class NotThisYearForm(RatherNotForm):
    """Of a parent, a carer or the student."""

    before = marked("That is fine. You can still change your mind and answer.")

    def __init__(self, *args: Any, audience: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if audience == "student":
            self.before = marked("That is OK. Nobody will be cross. I can change my mind.")
            self.fields["words"].label = worded_lazy("Do I want to say why?")
