"""Ordering, releasing and withdrawing reports: parse and check, never save."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms

from keywork.calendar import Term
from keywork.editing import EditForm
from keywork.forms import DateBox, KeyworkForm, picture_from, text_box
from keywork.words import worded, worded_lazy

from .kinds import MADE_AT_ONCE
from .models import Letterhead

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: of text with what is behind it
LOGO_DOTS = 800  # the longest side: 45 mm at more than 400 dots an inch


class DaysForm(EditForm):
    starts_on = forms.DateField(label="From", widget=DateBox())
    ends_on = forms.DateField(label="To", widget=DateBox())
    missing = {"starts_on": "Say from which day", "ends_on": "Say to which day"}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and first > last:
            self.add_error("ends_on", "This day is before the first. Choose a later one")
        return given


class PastDaysForm(DaysForm):
    today: date
    most_days: int
    most_words: str

    def clean_ends_on(self) -> date:
        last = self.cleaned_data["ends_on"]
        if last > self.today:
            raise forms.ValidationError("This day is still to come. Choose today or a day before")
        return last

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and (last - first).days > self.most_days:
            self.add_error("starts_on", f"This is more than {self.most_words}. Choose a later day")
        return given


class OrderForm(KeyworkForm):
    """Which report, which term, for whom.

    `students` are all the person may make a report on, `of_term` those of one term. After `is_valid`, `chosen` are
    the students of the order.
    """

    kind = forms.ChoiceField(
        label="Which report",
        choices=[(kind.slug, kind.name) for kind in MADE_AT_ONCE.values()],
        widget=forms.RadioSelect,
    )
    term = forms.ChoiceField(label="Term")
    who = forms.ChoiceField(label="For whom")

    missing = {"kind": "Choose a report", "term": "Choose a term", "who": worded_lazy("Choose a student")}
    button = "Make reports"
    shapes = {"kind": "is-rows"}

    def __init__(
        self,
        *args: Any,
        terms: list[Term],
        students: Any,
        of_term: Callable[[Term], Any],
        everyone: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms, self.of_term = {term.id: term for term in terms}, of_term
        self.chosen: list[Any] = []
        self.offer("term", [(term.id, term.name) for term in terms])
        self.people = [
            (str(pk), f"{known_as} {surname}".strip())
            for pk, known_as, surname in students.values_list("pk", "known_as", "surname")
        ]
        self.has_students = bool(self.people)
        every = "Everyone" if everyone else worded("All my students")
        self.offer("who", [("all", f"{every} on roll in that term"), *self.people])
        self.fields["kind"].initial = next(iter(MADE_AT_ONCE))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "term" in cleaned and "who" in cleaned:
            term, who = self.terms[cleaned["term"]], cleaned["who"]
            found = self.of_term(term)
            self.chosen = list(found if who == "all" else found.filter(pk=who))
            if not self.chosen:
                one = f"{dict(self.people).get(who)} was not"
                nobody = worded("None of your students was") if who == "all" else one
                self.add_error("who", f"{nobody} on roll in {term.name}. Choose another term")
        return cleaned


class ReleaseForm(KeyworkForm):
    """Who gets a copy. `keys` are the rows that may go today; `going` is the number the button carried."""

    to = forms.MultipleChoiceField(label="Send")
    going = forms.IntegerField(required=False, widget=forms.HiddenInput)

    missing = {"to": "Tick at least one person, or leave it for later"}

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = keys
        self.offer("to", [(key, key) for key in keys])
        self.fields["to"].error_messages["invalid_choice"] = (
            "This list has changed since you opened it. Look at it again: nothing has gone out"
        )

    @property
    def ticked(self) -> set[str]:
        """What was ticked; everyone before anything was sent in."""
        everyone = set(self.keys)
        return everyone & set(self["to"].data) if self.is_bound else everyone

    @property
    def is_confirmed(self) -> bool:
        """Did the button say as many as were ticked? Otherwise the list is shown once more, counted anew."""
        return self.cleaned_data["going"] == len(self.cleaned_data["to"])


class LogoField(forms.FileField):
    """The picture drawn anew, or None."""

    def __init__(self) -> None:
        super().__init__(
            label="Logo",
            required=False,
            help_text="JPEG or PNG, up to 5 MB. It stands at the top right of what is printed, at most 45 mm wide.",
        )

    def clean(self, data: Any, initial: Any = None) -> Any:
        logo = super().clean(data, initial)
        return picture_from(logo, longest_side=LOGO_DOTS) if logo else None


class LetterheadForm(EditForm):
    name = forms.CharField(label="Name of the school", max_length=150)
    address = forms.CharField(
        label="How to reach the school",
        max_length=200,
        required=False,
        help_text="One line below the name: address, telephone, website.",
    )
    logo = LogoField()
    remove_logo = forms.BooleanField(label="Take the logo off", required=False)
    logo_seen = forms.CharField(required=False, widget=forms.HiddenInput)
    colour = forms.CharField(
        label="Colour of headings",
        widget=forms.TextInput(attrs={"type": "color", "class": "kw-input-short"}),
        help_text="Dark enough to be read on white paper.",
    )
    opening = text_box(
        "Words at the beginning",
        600,
        required=False,
        help_text="They stand first in each report for a family.",
    )
    closing = text_box(
        "Words at the end",
        600,
        required=False,
        help_text="They stand in the letter that goes with a report on paper.",
    )

    missing = {"name": "Write the name of the school", "colour": "Choose a colour"}
    button = "Save"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, letterhead: Letterhead, name: str, **kwargs: Any) -> None:
        fields = ("address", "colour", "opening", "closing")
        self.logo_now = letterhead.logo.name or ""
        initial = {"name": name, **{field: getattr(letterhead, field) for field in fields}}
        super().__init__(*args, initial={**initial, "logo_seen": self.logo_now}, **kwargs)
        if not letterhead.logo:
            del self.fields["remove_logo"]
        self.edits(letterhead)

    def clean_colour(self) -> str:
        colour = self.cleaned_data["colour"].lower()
        if not re.fullmatch(r"#[0-9a-f]{6}", colour):
            raise forms.ValidationError("Write a colour as six signs after #, like #6a3a62")
        if contrast_on_white(colour) < LEAST_CONTRAST:
            raise forms.ValidationError("This is too light to be read on white paper. Choose a darker colour")
        return colour

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        seen = self.data.get(self.add_prefix("logo_seen"), "")
        if (given.get("logo") or given.get("remove_logo")) and seen != self.logo_now:
            no = "Somebody changed the logo meanwhile. Look at it above, then choose once more"
            self.add_error("logo", no)
            self.is_overtaken = True
            self.retype(self.add_prefix("logo_seen"), self.logo_now)
        return given


def contrast_on_white(colour: str) -> float:
    """Contrast ratio of a colour like #6a3a62 with white, 1 to 21 (WCAG 2.2, relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
