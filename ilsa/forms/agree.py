"""Agreeing a value: one of the five, why the views differed, a note, the day of the talk."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import DateBox

from .. import rules
from ..models import Agreement
from ..templates import Template


class AgreeForm(EditForm):
    """`agreed` is what stands now, if anything does."""

    score = forms.TypedChoiceField(label="What did you agree?", coerce=int, widget=forms.RadioSelect)
    tags = forms.MultipleChoiceField(
        label="Why did the views differ?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(rules.EXPLANATIONS.items()),
    )
    note = forms.CharField(
        label="Note", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
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

    def clean_agreed_on(self) -> date:
        day: date = self.cleaned_data["agreed_on"]
        if day > clock.today():
            raise forms.ValidationError("This date is still to come")
        return day
