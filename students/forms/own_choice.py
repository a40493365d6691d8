"""The form of what a young person decides about home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms

from keywork import clock
from keywork.forms import Actions, DateBox, KeyworkForm, primary, quiet_link
from keywork.words import worded_lazy

from ..models import FamilyLink, OwnChoiceAtHome


class OwnChoiceForm(KeyworkForm):
    """One question for each adult at home. `now` is what each of them sees today, by link."""

    decided_on = forms.DateField(label="When they decided", widget=DateBox)
    speaks_for_self = forms.BooleanField(
        label=worded_lazy("From now on the student speaks for themselves"),
        required=False,
        help_text="About the EHC plan and other decisions the school asks them, not their parents.",
    )
    words = forms.CharField(
        label="In their own words",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    missing = {"decided_on": "Choose the day on which they decided"}

    def __init__(
        self, *args: Any, links: Sequence[FamilyLink], now: dict[int, str], speaks: bool, **kwargs: Any
    ) -> None:
        initial = {"decided_on": clock.today(), "speaks_for_self": speaks}
        super().__init__(*args, initial=initial, **kwargs)
        self.links = links
        for link in links:
            self.fields[f"link_{link.pk}"] = forms.ChoiceField(
                label=f"What {link.label} sees",
                choices=OwnChoiceAtHome.Sees.choices,
                initial=now.get(link.pk, OwnChoiceAtHome.Sees.ALL),
                widget=forms.RadioSelect,
            )
        self.word_plainly()

    def chosen(self) -> dict[str, Any]:
        facts = {name: self.cleaned_data[name] for name in ("decided_on", "speaks_for_self", "words")}
        return {**facts, "sees": {link.pk: self.cleaned_data[f"link_{link.pk}"] for link in self.links}}

    def layout(self) -> Layout:
        people = [Field(f"link_{link.pk}", wrapper_class="is-rows") for link in self.links]
        return Layout(
            "decided_on",
            "speaks_for_self",
            *people,
            "words",
            Actions(primary("Save what they decided"), quiet_link("Back", "back_url")),
        )
