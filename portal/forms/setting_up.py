"""Forms of the set-up: the first administrator, the school, its preset, its staff, the day it opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from keywork import clock
from keywork.account_forms import DaysAWeek
from keywork.caseload import FULL_WEEK, days_in_words
from keywork.forms import Actions, DateBox, KeyworkForm, primary
from keywork.roles import ROLES
from keywork.words import worded, worded_lazy
from reports.forms import LogoField

from ..policy_rules import PRESET_CHOICES

MOST_LINES = 500
MOST_TOLD = 10  # wrong lines, at once


def _printed_code(label: str, help_text: str = "") -> forms.CharField:
    box = forms.TextInput({"autocomplete": "off", "class": "kw-input-mid", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=40, widget=box, help_text=help_text)


class FirstForm(KeyworkForm):
    """Who takes the installation: only who could read the code on the server."""

    code = _printed_code("Code", "It was printed where Keywork was started.")
    name = forms.CharField(label="Your name", max_length=150)
    email = forms.EmailField(label="Your e-mail address", max_length=254, help_text="You sign in with it.")
    missing = {"code": "Write the code", "name": "Write your name", "email": "Write your e-mail address"}
    button = "Go on to choose a password"


class SchoolForm(KeyworkForm):
    name = forms.CharField(label="Name of the school", max_length=150)
    logo = LogoField()
    missing = {"name": "Write the school’s name"}
    button = "Save and go on"


class RulesForm(KeyworkForm):
    preset = forms.ChoiceField(label="How do you work?", widget=forms.RadioSelect, choices=PRESET_CHOICES)
    button = "Save and go on"
    shapes = {"preset": "is-rows"}


@dataclass(frozen=True, slots=True)
class Person:
    """The arguments of `add_staff`."""

    name: str
    email: str
    roles: tuple[str, ...]
    job_title: str = ""
    days_a_week: Decimal = FULL_WEEK

    @property
    def role_names(self) -> str:
        return ", ".join(dict.fromkeys(ROLES[slug].name for slug in self.roles))

    @property
    def days(self) -> str:
        return days_in_words(self.days_a_week) if self.days_a_week < FULL_WEEK else "Full time"


class StaffFileForm(KeyworkForm):
    file = forms.FileField(
        label="Or from a file",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text="CSV or Excel (.xlsx), with headings in the first row: name, or forename and surname; e-mail; and if "
        "you have them role, job title, days a week. Nobody is added before you have seen every line.",
    )
    missing = {"file": "Choose a file"}
    button, is_secondary = "Read the file", True


class StaffForm(KeyworkForm):
    """People typed or pasted from a spreadsheet, one a line; or a file, which is read into such lines first.

    `preview` are those of a file, to be looked at; `notes` what of it was not read.
    """

    people = forms.CharField(
        label="Staff",
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        max_length=100_000,
        help_text="One person a line: name, e-mail address, roles if any, and “days: 3” if they work part of the week. "
        "Lines can be pasted from a spreadsheet. For example: Ros Whitcombe, ros@school.example, DSL",
    )
    missing = {"people": "Write at least one person"}
    preview: Sequence[Person] = ()
    notes: Sequence[str] = ()
    other: StaffFileForm | None = None  # stands below it

    def layout(self) -> Layout:
        shown = [HTML('{% include "portal/_staff_preview.html" %}')] if self.preview else []
        return Layout(*shown, "people", Actions(primary("Add them")))

    def clean_people(self) -> list[Person]:
        lines = [line for line in self.cleaned_data["people"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(f"Add {MOST_LINES} people at a time at most")
        found, wrong = [], []
        for number, line in enumerate(lines, start=1):
            try:
                found.append(_person(line))
            except ValueError as error:
                wrong.append(f"Line {number}, “{line[:60]}”: {error}")
        if wrong:
            raise ValidationError(wrong[:MOST_TOLD])
        twice = {one.email for one in found if sum(one.email == other.email for other in found) > 1}
        if twice:
            raise ValidationError(
                f"{min(twice)} stands in more than one line. Each person needs their own address"
            )
        return found


def _person(line: str) -> Person:
    """Name, address, roles. Raises ValueError with what is wrong."""
    cells = next(csv.reader(io.StringIO(line), delimiter="\t" if "\t" in line else ","))
    cells = [cell.strip() for cell in cells if cell.strip()]
    if len(cells) < 2:
        raise ValueError("write a name and an e-mail address with a comma between them")
    name, email, *rest = cells
    job = _only([one[4:].strip() for one in rest if one.lower().startswith("job:")], "job:")
    days = _only([one[5:].strip() for one in rest if one.lower().startswith("days:")], "days:")
    named = [one for one in rest if not one.lower().startswith(("job:", "days:"))]
    try:
        validate_email(email)
    except ValidationError:
        raise ValueError(f"{email} is not an e-mail address") from None
    if len(name) > 150:
        raise ValueError("the name is too long")
    if len(job) > 100:
        raise ValueError("the job title is too long")
    roles = {
        word: slug
        for slug, role in ROLES.items()
        if role.staff and slug != "staff"
        for word in (slug, role.title.lower(), role.name.lower())
    }
    unknown = [one for one in named if one.lower() not in roles]
    if unknown and unknown[0].lower() in ("keyworker", worded("keyworker")):
        raise ValueError(f"leave “{unknown[0]}” out: the Head names {worded('keyworkers')} in a later step")
    if unknown:
        known = ", ".join(sorted({ROLES[slug].name for slug in roles.values()}))
        raise ValueError(f"“{unknown[0]}” is no role. Leave it out, or write one of these: {known}")
    given = tuple(dict.fromkeys(roles[one.lower()] for one in named))
    return Person(name, email.lower(), given, job, _days(days))


def _only(found: Sequence[str], what: str) -> str:
    if len(found) > 1:
        raise ValueError(f"“{what}” stands there twice")
    return found[0] if found else ""


def _days(typed: str) -> Decimal:
    """How many days a week; nothing is all of them. Raises ValueError."""
    if not typed:
        return FULL_WEEK
    try:
        return DaysAWeek().clean(typed)
    except ValidationError as error:
        raise ValueError(f"{typed} is no number of days from 0.5 to 5") from error


class OpenForm(KeyworkForm):
    went_live_on = forms.DateField(
        label="First day that counts",
        widget=DateBox(),
        help_text="Nobody is owed anything from before this day, and nothing is overdue on it.",
    )
    button = "Open Keywork"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"went_live_on": clock.today()}, **kwargs)


class InvitationsForm(KeyworkForm):
    """Whom to invite now."""

    who = forms.MultipleChoiceField(label="Whom to invite", widget=forms.CheckboxSelectMultiple)
    missing = {"who": "Choose whom to invite"}
    button = "Send the invitations"
    shapes = {"who": "is-rows"}

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial={"who": [value for value, _ in choices]}, **kwargs)
        self.offer("who", choices)


class JoinForm(KeyworkForm):
    """What somebody types who has a letter from the school."""

    code = _printed_code(worded_lazy("The code in your letter"))
    email = forms.EmailField(
        label=worded_lazy("Your e-mail address"),
        max_length=254,
        help_text=worded_lazy("You sign in with it. Only the school sees it."),
    )
    missing = {
        "code": worded_lazy("Write the code in your letter"),
        "email": worded_lazy("Write your e-mail address"),
    }
    button = worded_lazy("Go on to choose a password")
