"""Forms of an import: the file, its columns, and what is decided before it goes in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.conf import settings

from keywork import clock
from keywork.dates import day_in_full
from keywork.forms import Actions, DateBox, KeyworkForm, primary, quiet_link
from keywork.words import worded

from ..importing.match_students import NEW
from ..importing.planned import BACK, Option
from ..importing.source import Table
from ..models import ImportBatch, ImportRow, Student
from ..rules import FAR_AHEAD, is_far_ahead

SAMPLES = 3  # values shown beside a heading
MOST_ASKED = 200  # rows a person is asked about one by one; the box above them answers for the rest


class UploadForm(KeyworkForm):
    file = forms.FileField(
        label="File",
        help_text="CSV, Excel (.xlsx) or Common Transfer File (.xml), up to 50 MB. Nothing changes until you have seen every row.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xml"}),
    )
    missing = {"file": "Choose a file"}
    button = "Read the file"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError("The file is larger than 50 MB. Split it and import the parts.")
        return file


class _OfFileForm(KeyworkForm):
    """A field for each of something that stands in the file."""

    def layout(self) -> Layout:
        return Layout(
            Div(*self.fields, css_class="kw-grid is-2"),
            Actions(primary("Look through the rows"), quiet_link("Cancel this import", "cancel_url")),
        )


class ColumnsForm(_OfFileForm):
    """A select for each heading of a file, with the first values of its column; what was chosen before, or is likely, is
    chosen already. `problems` says what is wrong with a choice of columns."""

    def __init__(
        self,
        *args: Any,
        table: Table,
        suggested: Sequence[str],
        choices: Sequence[Any],
        problems: Callable[[Sequence[str]], list[str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.problems = problems
        for place, heading in enumerate(table.headings):
            values = list(dict.fromkeys(row.cells[place] for row in table.rows[:50] if row.cells[place]))
            held = ", ".join(value[:40] for value in values[:SAMPLES])
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or f"Column {place + 1}, without a heading",
                help_text=f"Holds {held}" if held else "Empty in the first rows",
                choices=[("", "Leave this column out"), *choices],
                required=False,
                initial=suggested[place],
                error_messages={"invalid_choice": "Choose one of the answers"},
            )
        self.helper.show_optional = False

    def chosen(self) -> list[str]:
        """The canonical column of each heading, '' where it is left out."""
        return [self.cleaned_data.get(name, "") for name in self.fields]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for sentence in self.problems(self.chosen()):
            self.add_error(None, sentence)
        return cleaned


class WeeksForm(KeyworkForm):
    """A file of attendance and points: where it is from, and which week it is of if its rows do not say."""

    file = forms.FileField(
        label="File",
        help_text="CSV or Excel (.xlsx), up to 50 MB. Nothing changes until you have seen every row.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    week = forms.DateField(
        label="First day of the week",
        help_text="For a file whose rows do not say which week they are of.",
        required=False,
        widget=DateBox,
    )
    source = forms.CharField(
        label="Where the figures come from",
        help_text="Arbor, SIMS, Bromcom, the register. A week that is imported again from there is put right.",
        max_length=60,
    )
    missing = {"file": "Choose a file", "source": "Say where the figures come from"}
    clean_file = UploadForm.clean_file

    def layout(self) -> Layout:
        return Layout(
            "file", Div("week", "source", css_class="kw-grid is-2"), Actions(primary("Read the file"))
        )


class RelationshipsForm(_OfFileForm):
    def __init__(self, *args: Any, codes: Sequence[str], words: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = list(codes)
        for place, code in enumerate(self.codes):
            self.fields[f"code_{place}"] = forms.CharField(
                label=code, max_length=60, required=False, initial=words.get(code.upper(), "")
            )

    def words(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"code_{place}"] for place, code in enumerate(self.codes)}


class DecideForm(KeyworkForm):
    """Rows that ask who is meant, students who may have left, and the one button that imports."""

    match_names = forms.BooleanField(
        label="All of them are the same people: match by name and date of birth", required=False
    )
    leavers = forms.MultipleChoiceField(
        label="Who has left",
        help_text="Tick only those who have. Nobody is taken off roll because a file does not name them.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    last_day = forms.DateField(label="Their last day on roll", required=False, widget=DateBox)

    def __init__(
        self,
        *args: Any,
        batch: ImportBatch,
        asking: Sequence[ImportRow],
        doubtful: Sequence[ImportRow],
        leavers: Sequence[Student],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asking = [row for row in asking if row.options][:MOST_ASKED]
        self.options = {row.number: [Option(*one) for one in row.options] for row in self.asking}
        for row in self.asking:
            options = self.options[row.number]
            self.fields[f"row_{row.number}"] = forms.ChoiceField(
                label=f"Row {row.number}: {row.label}",
                choices=_answers(options),
                required=False,
                initial="",
                widget=forms.RadioSelect,
            )
            if any(one.back_on == "" for one in options):
                self.fields[f"back_{row.number}"] = forms.DateField(
                    label=f"Row {row.number}: first day back on roll", required=False, widget=DateBox
                )
        if not self.asks_who:
            del self.fields["match_names"]
        self.doubtful = list(doubtful)[:MOST_ASKED]
        for row in self.doubtful:
            self.fields[f"contact_{row.number}"] = forms.ChoiceField(
                label=f"Row {row.number}: the contact of {row.label}",
                choices=[
                    (NEW, "Someone else of the same name"),
                    *((key, f"The same person as {label}") for key, label in row.options),
                ],
                required=False,
                initial=NEW,
                widget=forms.RadioSelect,
                help_text=worded("If they are one person, their account sees both students."),
            )
        self.offer(
            "leavers", [(str(student.pk), f"{student.name}, {student.year_label}") for student in leavers]
        )
        if not leavers:
            del self.fields["leavers"], self.fields["last_day"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in self.options:
            field, chosen = f"back_{number}", self._chosen(number, cleaned)
            if chosen is None or chosen.back_on or field in self.errors:
                continue
            left_on = date.fromisoformat(chosen.left_on or "")
            if not cleaned.get(field):
                self.add_error(field, "Write the first day back")
            elif cleaned[field] <= left_on:
                self.add_error(
                    field, f"Choose a day after {day_in_full(left_on, clock.today())}, the last day on roll"
                )
            elif is_far_ahead(cleaned[field], clock.today()):
                self.add_error(field, FAR_AHEAD)
        if cleaned.get("leavers") and not cleaned.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", "Write their last day on roll")
        if cleaned.get("last_day") and cleaned["last_day"] > clock.today():
            self.add_error(
                "last_day",
                worded(
                    "Choose a day that is today or earlier. A planned leaving is written on the student’s page"
                ),
            )
        return cleaned

    @property
    def asks_who(self) -> bool:
        """Whether any row may be about one of several people."""
        return any(one.value != BACK for options in self.options.values() for one in options)

    @property
    def asks_back(self) -> bool:
        return any(one.back_on is not None for options in self.options.values() for one in options)

    def _chosen(self, number: int, given: dict[str, Any]) -> Option | None:
        """The student chosen for a row, where that says that they are back on roll."""
        answer = given.get(f"row_{number}")
        return next(
            (one for one in self.options[number] if str(one.value) == answer and one.back_on is not None),
            None,
        )

    def decisions(self) -> dict[str, Any]:
        """Keyword arguments of `actions.imports.carry_out`."""
        given = self.cleaned_data
        return {
            "choices": {
                **{
                    str(row.number): answer
                    for row in self.asking
                    if (answer := given.get(f"row_{row.number}"))
                },
                **{
                    f"{BACK} {number}": chosen.back_on or given[f"back_{number}"].isoformat()
                    for number in self.options
                    if (chosen := self._chosen(number, given))
                },
                **{
                    f"contact {row.number}": answer
                    for row in self.doubtful
                    if (answer := given.get(f"contact_{row.number}"))
                },
            },
            "match_names": given.get("match_names", False),
            "leavers": [int(pk) for pk in given.get("leavers", ())],
            "last_day": given.get("last_day"),
        }

    def _row(self, number: int) -> list[Any]:
        day = f"back_{number}"
        return [Field(f"row_{number}", wrapper_class="is-rows"), *([day] if day in self.fields else [])]

    def layout(self) -> Layout:
        parts: list[Any] = [HTML('{% include "students/leaving.html" %}')]
        if self.asking:
            parts.append(
                Div(
                    *(["match_names"] if self.asks_who else []),
                    *(part for row in self.asking for part in self._row(row.number)),
                    css_class="kw-card kw-stack",
                )
            )
        if self.doubtful:
            parts.append(
                Div(
                    *(Field(f"contact_{row.number}", wrapper_class="is-rows") for row in self.doubtful),
                    css_class="kw-card kw-stack",
                )
            )
        if "leavers" in self.fields:
            parts += [
                HTML(
                    '{% load kw %}<details class="kw-more"{% if form.is_bound %} open{% endif %}><summary>'
                    '{% icon "chevron-right" %}Say who of them has left</summary>'
                ),
                Div(Field("leavers", wrapper_class="is-chips"), "last_day", css_class="kw-card kw-stack"),
                HTML("</details>"),
            ]
        return Layout(
            *parts, Actions(primary("Import these rows"), quiet_link("Cancel this import", "cancel_url"))
        )


def _answers(options: Sequence[Option]) -> list[tuple[str, str]]:
    """Who a row may be about, somebody new, or nobody; of somebody found by number who has left, back or not."""
    if [one.value for one in options] == [BACK]:
        return [
            (BACK, _back(options[0]).replace("is", "Is", 1)),
            ("", "Has not come back: leave the record as it is"),
        ]
    return [
        *(
            (
                str(one.value),
                f"The same person as {one.label}"
                if one.back_on is None
                else f"The same person as {one.label}, who left on {_day(one.left_on)} and {_back(one)}",
            )
            for one in options
        ),
        (NEW, "Someone new"),
        ("", "Leave this row out for now"),
    ]


def _back(option: Option) -> str:
    return f"is back since {_day(option.back_on)}" if option.back_on else "is back since the day below"


def _day(iso: str | None) -> str:
    return day_in_full(date.fromisoformat(iso or ""), clock.today())
