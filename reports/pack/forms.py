"""The forms of a pack: its days, what goes in, how each text was read, what is written for it, others' reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.dates import day_in_full
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, primary, quiet_link, text_box
from keywork.names import folded
from keywork.words import worded, worded_lazy
from students.models import Student
from students.uploads import pdf_from

from ..forms import PastDaysForm
from ..masking import Masker, names_around
from .actions import Decision, PackRow
from .models import EvidencePack
from .offers import PARTS
from .words import FIELDS, NEEDED

LONGEST = 4000  # letters of what is written for one heading


class BeginForm(PastDaysForm):
    authority = forms.CharField(
        label="Authority that is asked",
        max_length=100,
        help_text=worded_lazy("The one where the student lives."),
    )

    missing = {**PastDaysForm.missing, "authority": "Name the authority"}
    most_days, most_words = 1900, "five years"  # and a term
    button = "Begin a pack"

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)


class ChooseForm(EditForm):
    """What goes in, part by part; what is written for the pack always does."""

    button = "Save what goes in"
    back = ("Back", "back_url")

    def __init__(
        self, *args: Any, pack: EvidencePack, rows: Sequence[PackRow], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered: list[str] = []
        for part, of in PARTS.items():
            mine = [row for row in rows if row.item.part == part and part != "words"]
            if not mine:
                continue
            self.offered += [row.item.key for row in mine]
            self.fields[part] = forms.MultipleChoiceField(
                label=of.title,
                required=False,
                choices=[(row.item.key, _label(row, today)) for row in mine],
                initial=[row.item.key for row in mine if row.chosen],
                widget=forms.CheckboxSelectMultiple,
            )
        self.edits(pack)

    @property
    def helper(self) -> Any:
        helper = super().helper
        helper.show_optional = False
        return helper

    def wanted(self) -> list[str]:
        return [key for name, keys in self.details().items() if name in PARTS for key in keys]


def _label(row: PackRow, today: date) -> str:
    item = row.item
    on = f"{day_in_full(item.on, today)}: " if item.on else ""
    return f"{on}{item.title}{f'. {item.note}' if item.note else ''}"


class WordsForm(EditForm):
    authority = forms.CharField(label="Authority that is asked", max_length=100)

    missing = {"authority": "Name the authority"}
    button = "Save"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, pack: EvidencePack, **kwargs: Any) -> None:
        initial = {"authority": pack.authority, **pack.words}
        super().__init__(*args, initial=initial, **kwargs)
        for slug, (label, hint) in FIELDS.items():
            self.fields[slug] = text_box(
                label, LONGEST, rows=4, help_text=hint, required=False, initial=pack.words.get(slug, "")
            )
        self.never_optional(*NEEDED)
        self.edits(pack)


class Text(Div):
    """One text with its names covered, above what is decided about it."""

    template = "reports/_pack_text.html"

    def __init__(self, row: PackRow, *fields: str, is_open: bool) -> None:
        super().__init__(*fields)
        self.row, self.is_open = row, is_open


class ReadForm(EditForm):
    """Some texts, to be read for names. `plain` are the same rows without anybody's decisions: what could be decided."""

    def __init__(self, *args: Any, rows: Sequence[PackRow], plain: Sequence[PackRow], **kwargs: Any) -> None:
        self.rows_read = rows
        super().__init__(*args, **kwargs)
        self.of: dict[str, list[str]] = {}
        for row, bare in zip(rows, plain, strict=True):
            key, reading = row.item.key, row.reading
            covered, marked = _each(bare.covered), _each(bare.marked)
            cover = reading.cover if reading else []
            names = self.of[key] = []
            if covered:
                names.append(f"leave-{key}")
                self.fields[names[-1]] = forms.MultipleChoiceField(
                    label="Leave uncovered",
                    required=False,
                    choices=[(one.said, f"{one.said}: {one.covers}") for one in covered],
                    initial=[one.said for one in covered if reading and one.said in reading.leave],
                    widget=forms.CheckboxSelectMultiple,
                )
            if marked:
                names.append(f"cover-{key}")
                self.fields[names[-1]] = forms.MultipleChoiceField(
                    label="Is it somebody else? Then cover",
                    required=False,
                    choices=[
                        (one.said, f"{one.said}: {one.note or f'perhaps {one.covers}'}") for one in marked
                    ],
                    initial=[one.said for one in marked if one.said in cover],
                    widget=forms.CheckboxSelectMultiple,
                )
            said = {one.said for one in marked}
            self.fields[f"more-{key}"] = text_box(
                "Cover besides",
                1000,
                rows=2,
                help_text="Words as they stand in the text, each on a line of its own.",
                required=False,
                initial="\n".join(words for words in cover if words not in said),
            )
            self.fields[f"why-{key}"] = forms.CharField(
                label="Why", required=False, max_length=300, initial=reading.reason if reading else ""
            )
            names += [f"more-{key}", f"why-{key}"]
        self.edits(*(row.reading for row in rows if row.reading))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for row in self.rows_read:
            key = row.item.key
            text = folded(" ".join(words for _, words in row.item.lines))
            for words in (given.get(f"more-{key}") or "").splitlines():
                if folded(words) and folded(words) not in text:
                    self.add_error(f"more-{key}", f"“{words.strip()}” does not stand in this text")
        return given

    def decisions(self) -> list[Decision]:
        found = []
        for row in self.rows_read:
            key = row.item.key
            more = [" ".join(line.split()) for line in self.cleaned_data[f"more-{key}"].splitlines()]
            found.append(
                Decision(
                    key,
                    row.item.digest,
                    self.cleaned_data.get(f"leave-{key}", []),
                    [*self.cleaned_data.get(f"cover-{key}", []), *filter(None, more)],
                    self.cleaned_data[f"why-{key}"],
                )
            )
        return found

    def layout(self) -> Layout:
        wrong = self.errors if self.is_bound else {}
        texts = [
            Text(
                row,
                *self.of[row.item.key],
                is_open=bool(
                    row.marked
                    or (row.reading and row.reading.reason)
                    or any(name in wrong for name in self.of[row.item.key])
                ),
            )
            for row in self.rows_read
        ]
        return Layout(*texts, "seen", Actions(primary("I have read these"), quiet_link("Back", "back_url")))


def _each(pieces: Iterable[Any]) -> list[Any]:
    """Each words once."""
    return list({folded(one.said): one for one in pieces}.values())


class DocumentForm(EditForm):
    title = forms.CharField(
        label="What it is",
        max_length=120,
        help_text="As it stands in the index: “Speech and language therapy”.",
    )
    author = forms.CharField(label="Who wrote it", max_length=120)
    dated_on = forms.DateField(label="Its date", widget=DateBox())
    advice = text_box("What it recommends, and what came of it", 1000, required=False)
    pdf = forms.FileField(
        label="The report as PDF",
        help_text="Up to 20 MB.",
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    looked_through = forms.BooleanField(
        label=worded_lazy("I looked it through: it names no other student or family"),
        help_text="Names in a PDF cannot be covered here.",
    )

    missing = {
        "title": "Say what it is",
        "author": "Say who wrote it",
        "dated_on": "Give its date",
        "pdf": "Choose the PDF",
        "looked_through": "Look it through first",
    }
    button = "Add it"
    is_secondary = True
    back = ("Back", "back_url")

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.student = student

    @cached_property
    def masker(self) -> Masker:
        """Of everybody's names, so that they are read only where something is sent."""
        return Masker(names_around(self.student))

    def clean_title(self) -> str:
        return self._nobody_else("title")

    def clean_author(self) -> str:
        return self._nobody_else("author")

    def _nobody_else(self, name: str) -> str:
        """It stands in the index, the bookmarks and at the head of each page, where nothing is covered."""
        typed: str = self.cleaned_data[name]
        named = [piece.said for piece in self.masker.mask(typed).covered]
        if named:
            raise forms.ValidationError(
                f"“{named[0]}” is another {worded('student')} or family. Leave the name out"
            )
        return typed

    def clean_pdf(self) -> Any:
        return pdf_from(self.cleaned_data["pdf"], "the report")

    def facts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "author", "dated_on", "advice")}
