"""A request for a needs assessment, and one cycle of support."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link, text_box

from ..reviews.forms import LONGEST, area, past_day
from .models import NeedsAssessment, SupportCycle


def day(label: str, **more: Any) -> forms.DateField:
    """A day that may not have come yet."""
    return forms.DateField(label=label, widget=DateBox, required=False, **more)


class RequestForm(EditForm):
    """What is asked, and later what the authority says to it; what it says is left out of a new one."""

    ANSWERS = ("decision", "decided_on", "draft_on", "outcome", "ended_on", "words")

    requested_on = past_day(
        "Asked for on", help_text="The day the request reaches the authority: its weeks run from here."
    )
    requested_by = forms.ChoiceField(
        label="Asked for by", choices=NeedsAssessment.By.choices, widget=forms.RadioSelect
    )
    authority = forms.CharField(label="Local authority", max_length=100, required=False)
    needs = area("Why there may be special educational needs")
    provision = area("Why a plan may be needed, and what the school’s own means do not reach")
    decision = forms.ChoiceField(
        label="Does the authority assess?",
        choices=[("", "No answer yet"), *NeedsAssessment.Decision.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    decided_on = day("Date of that answer")
    draft_on = day("Draft plan came on")
    outcome = forms.ChoiceField(
        label="How it ended",
        choices=[("", "Not over yet"), *NeedsAssessment.Outcome.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    ended_on = day("Ended on")
    words = area("What the authority says", 3, most=500)
    missing = {"requested_on": "Write the day", "requested_by": "Say who asked"}
    button = "Save"
    back = ("Back", "back_url")
    shapes = dict.fromkeys(("requested_by", "decision", "outcome"), "is-rows")

    def __init__(self, *args: Any, assessment: NeedsAssessment | None = None, **kwargs: Any) -> None:
        if assessment is not None:
            kwargs["initial"] = {name: getattr(assessment, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if assessment is None:
            for name in self.ANSWERS:
                del self.fields[name]
        else:
            self.edits(assessment)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        asked = data.get("requested_on")
        _pair(self, data, "decision", "decided_on", "Write the date of the answer", "Say what the answer was")
        _pair(self, data, "outcome", "ended_on", "Write the day it ended", "Say how it ended")
        if asked and data.get("decided_on") and data["decided_on"] < asked:
            self.add_error("decided_on", "Choose the day it was asked for, or a later one")
        if asked and data.get("draft_on") and data["draft_on"] < asked:
            self.add_error("draft_on", "Choose the day it was asked for, or a later one")
        if data.get("outcome") and data.get("decision") != NeedsAssessment.Decision.ASSESS:
            self.add_error("outcome", "This needs the answer that the authority assesses")
        elif data.get("ended_on") and data.get("decided_on") and data["ended_on"] < data["decided_on"]:
            self.add_error("ended_on", "Choose the date of the answer, or a later one")
        return data


def _pair(form: EditForm, data: dict[str, Any], what: str, on: str, no_day: str, no_what: str) -> None:
    """An answer and its day come together."""
    if what not in form.fields or what in form.errors or on in form.errors:
        return
    if data.get(what) and not data.get(on):
        form.add_error(on, no_day)
    if data.get(on) and not data.get(what):
        form.add_error(what, no_what)


class CycleForm(EditForm):
    """One round: where the student stands, what is to be different, what is given, and what came of it."""

    starts_on = forms.DateField(label="Begins on", widget=DateBox)
    review_on = forms.DateField(label="Looked at again on", widget=DateBox)
    assess = text_box("Where they stand, and what shows it", LONGEST, rows=4)
    aim = text_box("What is to be different by then", LONGEST)
    agreed_on = day("Agreed with home on")
    provision = area("What is given", 3)
    given_by = forms.CharField(label="Who gives it", max_length=100, required=False)
    how_often = forms.CharField(label="How often, and in which group", max_length=100, required=False)
    reviewed_on = day("Looked at on")
    came_of_it = area("What came of it")
    next_step = area("What follows", 2)
    missing = {
        "starts_on": "Write when it begins",
        "review_on": "Write when it is looked at again",
        "assess": "Write where they stand",
        "aim": "Write what is to be different",
    }

    def __init__(self, *args: Any, cycle: SupportCycle | None = None, **kwargs: Any) -> None:
        if cycle is not None:
            kwargs["initial"] = {name: getattr(cycle, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if cycle is not None:
            self.edits(cycle)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        begins, again = data.get("starts_on"), data.get("review_on")
        if begins and again and again <= begins:
            self.add_error("review_on", "Choose a day after it begins")
        if begins and data.get("reviewed_on") and data["reviewed_on"] < begins:
            self.add_error("reviewed_on", "Choose the day it begins, or a later one")
        if data.get("reviewed_on") and not data.get("came_of_it"):
            self.add_error("came_of_it", "Write what came of it")
        if data.get("came_of_it") and not data.get("reviewed_on") and "reviewed_on" not in self.errors:
            self.add_error("reviewed_on", "Write the day it was looked at")
        return data

    def layout(self) -> Layout:
        hidden = ["seen"] if "seen" in self.fields else []
        given = Div("given_by", "how_often", css_class="kw-grid is-2")
        return Layout(
            Div("starts_on", "review_on", css_class="kw-grid is-2"),
            Fieldset("Assess", "assess", css_class="kw-stack"),
            Fieldset("Plan", "aim", "agreed_on", css_class="kw-stack"),
            Fieldset("Do", "provision", given, css_class="kw-stack"),
            Fieldset("Review", "reviewed_on", "came_of_it", "next_step", css_class="kw-stack"),
            *hidden,
            Actions(primary("Save"), quiet_link("Back", "back_url")),
        )
