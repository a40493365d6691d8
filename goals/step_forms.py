"""What is done with a goal once it is written: checked, scored, withdrawn, judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from keywork import clock
from keywork.dates import day_short
from keywork.forms import DateBox, KeyworkForm, text_box
from keywork.timeline import Entry
from tsp.models import GasScale, Judgement
from tsp.rating import rules


class CheckForm(KeyworkForm):
    decision = forms.ChoiceField(
        label="Your answer",
        choices=[("agree", "Agree these levels"), ("back", "Send them back")],
        widget=forms.RadioSelect,
    )
    words = text_box(
        "What should be different",
        500,
        help_text="Only when you send them back. The writer reads it.",
        required=False,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    missing = {"decision": "Choose whether you agree"}
    button = "Answer"
    back = ("Back", "back_url")
    shapes = {"decision": "is-even"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("decision") == "back" and not given.get("words", "").strip():
            self.add_error("words", "Say what should be different")
        return given


class ScoreForm(KeyworkForm):
    """Where the student stands, and how it is known. `sources` are entries of the timeline to point to."""

    level = forms.TypedChoiceField(label="Where they are now", coerce=int, widget=forms.RadioSelect)
    partial = forms.BooleanField(
        label="Some progress within −1",
        required=False,
        help_text="Shown in words. It counts as −1.",
    )
    scored_on = forms.DateField(label="Date", widget=DateBox)
    evidence = text_box(
        "How you know",
        4000,
        required=False,
        help_text="What was counted or seen, when and where. Or choose an entry below.",
    )
    source = forms.ChoiceField(
        label="An entry of the timeline it rests on",
        required=False,
        help_text="Its words stay where they are: who may not read them there does not read them here.",
    )
    end = forms.BooleanField(label="The goal ends with this score", required=False)
    scale = forms.IntegerField(widget=forms.HiddenInput)
    missing = {"level": "Choose one of the five levels", "scored_on": "Choose the day"}
    back = ("Back", "back_url")
    shapes = {"level": "is-rows"}

    def __init__(
        self,
        *args: Any,
        scale: GasScale,
        known_as: str,
        sources: Sequence[Entry],
        second: bool,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {"scored_on": clock.today(), "scale": scale.pk, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.button = "Save your view" if second else "Save score"
        self.fields["level"].label = f"Where {known_as} is now"
        self.offer(
            "level",
            [
                (value, f"{rules.level_label(value)} {scale.levels[value]}")
                for value in reversed(rules.LEVELS)
            ],
        )
        today = clock.today()
        entries = [(f"{one.kind}-{one.pk}", f"{day_short(one.on, today)}: {one.title}") for one in sources]
        self.offer("source", [("", "No entry"), *entries])
        if not sources:
            del self.fields["source"]
        if scale.baseline != -1:
            del self.fields["partial"]
        if second:
            del self.fields["end"]
        self.helper.show_optional = False  # words or an entry: one of the two is asked for

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("partial") and given.get("level") is not None and given["level"] != -1:
            self.add_error("partial", "Some progress within −1 goes with level −1 only")
        return given

    def source_chosen(self) -> tuple[str, int] | None:
        kind, _, pk = self.cleaned_data.get("source", "").rpartition("-")
        return (kind, int(pk)) if kind else None


class JudgementForm(KeyworkForm):
    word = forms.ChoiceField(
        label="How far it came", choices=Judgement.Word.choices, widget=forms.RadioSelect
    )
    words = text_box("What you rest this on", 4000, rows=4)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    missing = {"word": "Choose how far it came", "words": "Say what you rest this on"}
    button = "Save judgement"
    back = ("Back", "back_url")
    shapes = {"word": "is-rows"}
