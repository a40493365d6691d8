"""Something given to a student, and what somebody tried."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link, text_box

from .models import Resource, Tried

LATEST = "Choose a date that is today or earlier"


class ResourceForm(EditForm):
    what = forms.CharField(
        label="What", max_length=100, help_text="An overlay, large print, a stress ball, a laptop."
    )
    note = forms.CharField(
        label="Which one, and where it is",
        max_length=200,
        required=False,
        help_text="Yellow, A4, a spare in each room. 16 point on cream.",
    )
    given_on = forms.DateField(label="Given on", widget=DateBox)
    trial_until = forms.DateField(label="On trial until", required=False, widget=DateBox)
    how = forms.CharField(label="How it goes", max_length=300, required=False)
    missing = {"what": "Say what was given", "given_on": "Say when it was given"}

    def __init__(self, *args: Any, resource: Resource | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"given_on": clock.today()}
        if resource is not None:
            initial = {name: getattr(resource, name) for name in self.base_fields}
        super().__init__(*args, initial=initial, **kwargs)
        if resource is not None:
            self.fields["ended_on"] = forms.DateField(
                label="Not in use any more since",
                required=False,
                widget=DateBox,
                initial=resource.ended_on,
                help_text="It stays on the page with this day, so that nobody tries it again unawares.",
            )
            self.fields["ended_why"] = forms.CharField(
                label="Why it is not in use", max_length=300, required=False, initial=resource.ended_why
            )
            self.word_plainly()
            self.edits(resource)

    def clean_given_on(self) -> date:
        day: date = self.cleaned_data["given_on"]
        if day > clock.today():
            raise forms.ValidationError(LATEST)
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        ended_on, given_on = given.get("ended_on"), given.get("given_on")
        if given_on and given.get("trial_until") and given["trial_until"] < given_on:
            self.add_error("trial_until", "Choose the day it was given, or a later one")
        if ended_on and ended_on > clock.today():
            self.add_error("ended_on", LATEST)
        elif ended_on and given_on and ended_on < given_on:
            self.add_error("ended_on", "Choose the day it was given, or a later one")
        if ended_on and not given.get("ended_why"):
            self.add_error("ended_why", "Say why, so that nobody tries it again unawares")
        if given.get("ended_why") and not ended_on and "ended_on" not in self.errors:
            self.add_error("ended_on", "Say since when")
        return given

    def layout(self) -> Layout:
        days = Div("given_on", "trial_until", css_class="kw-grid is-2")
        ended = ["ended_on", "ended_why"] if "ended_on" in self.fields else []
        buttons = Actions(primary("Save"), quiet_link("Back", "back_url"))
        return Layout("what", "note", days, "how", *ended, buttons)


class TriedForm(EditForm):
    what = text_box("What I tried", 300, rows=2)
    happened = text_box("What happened", 500)
    helped = forms.ChoiceField(label="Did it help?", choices=Tried.Helped.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="When", widget=DateBox)
    missing = {
        "what": "Say what you tried",
        "happened": "Say what happened",
        "helped": "Say whether it helped",
        "on": "Say when it was",
    }
    button = "Save"
    back = ("Back", "back_url")
    shapes = {"helped": "is-even"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": clock.today()}, **kwargs)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > clock.today():
            raise forms.ValidationError(LATEST)
        return day
