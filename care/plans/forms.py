"""What a version of a plan says, part by part; what somebody who read it asks."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import Layout
from django import forms

from keywork import clock
from keywork.dates import day_in_full
from keywork.editing import SEEN, EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, KeyworkFormHelper, primary, quiet_link, text_box

from .kinds import PlanKind
from .models import PlanVersion

LONGEST_PART = 4000


class VersionForm(EditForm):
    """The parts that the kind asks for, and why this version is written. `before` is the version it begins from."""

    why = forms.CharField(label="Why this version", max_length=300)
    review_by = forms.DateField(label="To be looked at again by", widget=DateBox)
    missing = {
        "why": "Say in a sentence why it is written: those who must read it see this first",
        "review_by": "Say by when it is looked at again",
    }

    def __init__(self, *args: Any, kind: PlanKind, before: PlanVersion | None, **kwargs: Any) -> None:
        self.kind, self.before = kind, before
        said = before.words if before else {}
        initial = {
            "why": "" if before else "First plan",
            "review_by": kind.review_by(clock.today()),
            **{f"part-{key}": words for key, words in said.items()},
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.keys = [part.key for part in kind.sections]
        self.keys += [key for key in said if key not in self.keys]
        asks = {part.key: part.asks for part in kind.sections}
        for key in self.keys:
            self.fields[f"part-{key}"] = text_box(
                kind.title_of(key),
                LONGEST_PART,
                rows=4,
                required=False,
                help_text=asks.get(key, "It is no longer asked for. Leave it empty to take it out."),
            )
        if before is not None:
            self.fields["why"].help_text = "What happened or changed. Those who must read it see this first."
        self.word_plainly()
        self.edits(*([before] if before else []), besides=("why", "review_by"))

    def clean_review_by(self) -> date:
        day = self.cleaned_data["review_by"]
        if day <= clock.today():
            raise forms.ValidationError("Choose a day that is still to come")
        latest = self.kind.review_by(clock.today())
        if day > latest:
            by = day_in_full(latest, clock.today())
            raise forms.ValidationError(f"A plan of this kind is looked at again by {by} at the latest")
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(given.get(f"part-{key}") for key in self.keys) and not self.errors:
            self.add_error(f"part-{self.keys[0]}", "Write at least one of the parts")
        return given

    @property
    def builds_on(self) -> int:
        """The number of the version whose words this form holds, beside what was typed; 0 for none."""
        return self.before.number if self.before is not None and self.says_what_it_showed else 0

    @property
    def says_what_it_showed(self) -> bool:
        """A form that was kept unsent under an earlier Keywork does not."""
        return str(self.data.get(SEEN, "")).startswith("{")

    def words(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"part-{key}"] for key in self.keys}

    @property
    def helper(self) -> Any:
        asks = super().helper
        asks.show_optional = False
        return asks

    def layout(self) -> Layout:
        parts = [f"part-{key}" for key in self.keys]
        buttons = primary("Save this version"), quiet_link("Back", "back_url")
        return Layout("seen", *parts, "why", "review_by", Actions(*buttons))


class ReadForm(KeyworkForm):
    """That this version was read."""

    question = text_box(
        "A question about it",
        500,
        rows=2,
        required=False,
        help_text="Whoever keeps the plan reads it beside your name.",
    )

    def __init__(self, *args: Any, number: int, action: str, **kwargs: Any) -> None:
        self.number, self.action = number, action
        super().__init__(*args, **kwargs)

    @property
    def helper(self) -> KeyworkFormHelper:
        asks = super().helper
        asks.form_action = self.action
        return asks

    def layout(self) -> Layout:
        return Layout("question", Actions(primary(f"I have read version {self.number}")))
