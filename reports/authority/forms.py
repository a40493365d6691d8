"""Uploading an authority's form, settling its places, and typing what the record does not hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms

from keywork.editing import EditForm
from keywork.errors import Refused
from keywork.forms import Actions, DateBox, primary, quiet_link
from keywork.words import worded_lazy

from .facts import Place
from .fields import FIELDS, ROWS, TITLES
from .fields import Field as FormField
from .filling import checked
from .models import AuthorityForm
from .package import MOST_BYTES

# How like a name must be to be thought of: nmae is like name by 0.75, but student.ref like student.sex by 0.82.
LIKE, LIKE_COLUMN = 0.85, 0.74
NAMES = ("authority", "name", "year", "part")
PEN = ""  # a place that is left to a pen
MOST_PEOPLE = 14
PEOPLE = "people"
_LONGEST = {"text": 200, "long": 4000, "number": 20}


class NamesForm(EditForm):
    """What a form is called, and what it is for."""

    authority = forms.CharField(label="Authority", max_length=100)
    name = forms.CharField(label="Name of the form", max_length=120)
    year = forms.ChoiceField(label="School year it is for")
    part = forms.ChoiceField(label="Which part of the review", choices=AuthorityForm.Part.choices)
    missing = {"authority": "Write whose form it is", "name": "Write what the form is called"}

    def __init__(self, *args: Any, years: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("year", years)

    def names(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in NAMES}


class UploadForm(NamesForm):
    """After `is_valid`, `found` is what is in the file and `content` its bytes."""

    file = forms.FileField(
        label="The form with its marks",
        help_text="A Word document (.docx), up to 10 MB.",
        widget=forms.FileInput(attrs={"accept": ".docx"}),
    )
    missing = {**NamesForm.missing, "file": "Choose the Word document"}
    button = "Check and keep"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["authority"].help_text = worded_lazy(
            "As it stands in students’ details, like Aldershire."
        )
        self.fields["name"].help_text = "Like Annual review, part 1."

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                "This file is larger than 10 MB. Take pictures out, or make them smaller"
            )
        self.content = file.read()
        try:
            self.found = checked(self.content)
        except Refused as no:
            raise forms.ValidationError(str(no)) from no
        return file


class SettleForm(NamesForm):
    """The names of a form, and what stands in each place whose name is no field."""

    def __init__(self, *args: Any, form: AuthorityForm, **kwargs: Any) -> None:
        super().__init__(*args, initial={name: getattr(form, name) for name in NAMES}, **kwargs)
        self.places: dict[str, str] = {}  # the name of an input, and the name that is no field
        for number, (said, places, rows) in enumerate(_by_name(form.unknown)):
            box = f"place_{number}"
            self.places[box] = said
            self.fields[box] = forms.ChoiceField(
                label=f"“{said}”, {places}",
                choices=[("-", "Not settled yet"), ("pen", "Leave it empty, for a pen"), *choices_for(rows)],
                initial=form.settled[said] or "pen" if said in form.settled else "-",
                help_text=_meant(said, rows),
            )
        self.edits(form)

    @property
    def settled(self) -> dict[str, str]:
        """What each name stands for; those that are not settled are left out."""
        chosen = {said: self.cleaned_data[box] for box, said in self.places.items()}
        return {said: PEN if one == "pen" else one for said, one in chosen.items() if one != "-"}

    def layout(self) -> Layout:
        return Layout(
            *self.places,
            Div(*NAMES, css_class="kw-grid is-2"),
            Actions(primary("Save"), quiet_link("Back", "back_url")),
        )


def _by_name(unknown: Iterable[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Each name that is no field, the places where it stands, and the rows it belongs to."""
    found: dict[str, tuple[list[str], str]] = {}
    for one in unknown:
        found.setdefault(one["said"], ([], one["rows"]))[0].append(one["place"])
    return [(said, "; ".join(places), rows) for said, (places, rows) in found.items()]


def choices_for(rows: str) -> list[tuple[str, str]]:
    """The fields that can stand in such a place: columns of its rows, or all that are no rows."""
    columns = ROWS[rows].columns if rows else [one for one in FIELDS if one.kind != "rows"]
    return [(one.name, one.words) for one in columns]


def _meant(said: str, rows: str) -> str:
    """The field with the most similar name, in words."""
    known = {_parts(name): words for name, words in choices_for(rows)}
    like, asked = (LIKE_COLUMN, said.rpartition(".")[2]) if rows else (LIKE, said)
    for close in get_close_matches(_parts(asked), known, 1, like):
        return f"Perhaps you meant {known[close][:1].lower()}{known[close][1:]}."
    return ""


def _parts(name: str) -> str:
    """So that student.views is like views.student."""
    return " ".join(sorted(name.split(".")))


class AnswersForm(EditForm):
    """What a form asks for and the record does not hold.

    `places` is all that can be typed, `given` what was typed before, by name of the field; what the record holds by now
    is asked for no more, and what was typed for it stays.
    """

    def __init__(
        self,
        *args: Any,
        used: Collection[str],
        places: Sequence[Place],
        given: Mapping[str, Any],
        row: Any,
        draft: Any = None,
        draft_url: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.draft, self.draft_url, self.given = draft, draft_url, given
        sent = self.data if self.is_bound else draft.data if draft is not None else {}
        self.people = ROWS[PEOPLE] if PEOPLE in used else None
        self.places = []
        for one in places:
            said = given_in(given, one)
            if not one.says or said or any(sent.get(one.box) or ()):
                self.places.append(one)
                self.fields[one.box] = _input(one, said)
        if self.people is not None:
            self._add_people(self.people, given.get(PEOPLE) or [])
        self.edits(*([row] if row is not None else []))
        if draft is not None:
            self.fill(draft)

    @property
    def asks(self) -> bool:
        return bool(self.places or self.people)

    def _add_people(self, rows: FormField, given: Sequence[Mapping[str, Any]]) -> None:
        for place in range(MOST_PEOPLE):
            known = given[place] if place < len(given) else {}
            for column in rows.columns:
                label = f"Person {place + 1}: {column.words.lower()}"
                box = f"{PEOPLE}_{place}_{column.name}"
                told: dict[str, Any] = {"label": label, "required": False}
                said = known.get(column.name, "")
                if column.kind == "yes_no":
                    self.fields[box] = forms.BooleanField(initial=said == "yes", **told)
                else:
                    self.fields[box] = forms.CharField(max_length=120, initial=said, **told)
        self.shown_people = min(MOST_PEOPLE, max(len(given) + 2, 4))

    def answers(self) -> dict[str, Any]:
        """What was typed, as it is kept: dates as 2026-12-01, ticks as yes and no, people without empty rows, columns of
        the record's rows by the key of the row. What is not on the page stays as it was."""
        found = {**self.given}
        for one in self.places:
            value = self.cleaned_data[one.box]
            said = value.isoformat() if isinstance(value, date) else value or ""
            if one.rows:
                rows = {**found.get(one.rows, {})}
                rows[one.key] = {**rows.get(one.key, {}), one.field.name: said}
                found[one.rows] = rows
            else:
                found[one.field.name] = said
        if self.people is not None:
            found[PEOPLE] = list(self._people(self.people))
        return found

    def _people(self, rows: FormField) -> Iterable[dict[str, Any]]:
        for place in range(MOST_PEOPLE):
            row: dict[str, Any] = {}
            for column in rows.columns:
                value = self.cleaned_data[f"{PEOPLE}_{place}_{column.name}"]
                row[column.name] = ("yes" if value else "no") if column.kind == "yes_no" else value
            if row["name"] or row["role"]:
                yield row

    @property
    def helper(self) -> Any:
        made = "_helper" not in self.__dict__
        helper = super().helper
        if made:
            helper.show_optional = False  # nothing here must be filled in, and the page says so
        if made and self.draft_url:
            helper.keep_drafts(self.draft_url)
        return helper

    def layout(self) -> Layout:
        pieces: list[Any] = [HTML('{% include "components/drafts.html" %}')]
        self.texts = {one.key: one.text for one in self.places if one.text}
        for group, words in TITLES.items():
            if self.people is not None and group == PEOPLE:
                pieces += self._people_pieces(self.people)
            elif mine := [one for one in self.places if (one.rows or one.field.group) == group]:
                pieces += [HTML(f"<h4>{words.partition(':')[0]}</h4>"), *_pieces(mine)]
        return Layout(
            *pieces,
            Actions(
                primary("Save"),
                HTML('{% include "components/discard_draft.html" %}'),
                HTML('{% include "components/draft.html" %}'),
            ),
        )

    def _people_pieces(self, rows: FormField) -> list[Any]:
        boxes = []
        for place in range(MOST_PEOPLE):
            who = [f"{PEOPLE}_{place}_{name}" for name in ("name", "role")]
            ticks = [f"{PEOPLE}_{place}_{one.name}" for one in rows.columns if one.kind == "yes_no"]
            parts = Div(*who, css_class="kw-grid is-2"), Div(*ticks, css_class="kw-row")
            boxes.append(Div(*parts, css_class="kw-card kw-stack is-tight"))
        more = boxes[self.shown_people :]
        fold = '<details class="kw-more"><summary>{% load kw %}{% icon "chevron-right" %}More people</summary><div class="kw-stack">'
        return [
            HTML(f"<h4>{rows.words.partition(',')[0]}</h4>"),
            *boxes[: self.shown_people],
            *([HTML(fold), *more, HTML("</div></details>")] if more else []),
        ]


def given_in(given: Mapping[str, Any], place: Place) -> Any:
    if place.rows:
        return given.get(place.rows, {}).get(place.key, {}).get(place.field.name)
    return given.get(place.field.name)


# As a value, so that braces in a plan's words are no template.
_TEXT = "{% with form.texts.KEY as text %}{% if text %}<p>{{ text }}</p>{% endif %}{% endwith %}"


def _pieces(places: Sequence[Place]) -> list[Any]:
    """The boxes of one group; those of each of its rows in a card of their own."""
    cards: dict[str, list[Any]] = {}
    for one in places:
        chips = {"wrapper_class": "is-chips"} if one.field.kind == "some_of" else {}
        cards.setdefault(one.key, []).append(Field(one.box, **chips))
    found: list[Any] = []
    for key, boxes in cards.items():
        card = Div(HTML(_TEXT.replace("KEY", key)), *boxes, css_class="kw-card kw-stack is-tight")
        found += [card] if key else boxes
    return found


def _input(place: Place, given: Any) -> forms.Field:
    one = place.field
    words = f"{place.row}: {one.words[:1].lower()}{one.words[1:]}" if place.row else one.words
    told: dict[str, Any] = {"label": words, "required": False, "initial": given or None}
    if place.says:
        told["help_text"] = f"The record says “{place.says}” by now, and that stands in the form."
    if one.kind == "day":
        return forms.DateField(widget=DateBox, **told)
    if one.kind == "yes_no":
        return forms.ChoiceField(choices=[("", "Not said"), ("yes", "Yes"), ("no", "No")], **told)
    if one.kind == "one_of":
        return forms.ChoiceField(choices=[("", "Not chosen"), *one.options.items()], **told)
    if one.kind == "some_of":
        return forms.MultipleChoiceField(
            choices=list(one.options.items()), widget=forms.CheckboxSelectMultiple, **told
        )
    widget = forms.Textarea(attrs={"rows": 3}) if one.kind == "long" else forms.TextInput()
    return forms.CharField(max_length=_LONGEST[one.kind], widget=widget, **told)
