"""The forms of a report that somebody writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.dates import day_in_full
from keywork.editing import EditForm
from keywork.forms import Actions, KeyworkForm, primary, quiet_link, secondary, text_box
from keywork.names import ended

from ..forms import PastDaysForm
from ..kinds import ReportKind
from ..sections import Section
from .actions import Wanted
from .models import WrittenLine

LONGEST = 1000  # letters of one line
MOST_NEW = 12  # lines added at once


class SectionForm(EditForm):
    """The lines of one section: the words of each, whether it is left out, and new ones."""

    def __init__(
        self, *args: Any, section: Section, lines: Sequence[WrittenLine], today: date, **kwargs: Any
    ) -> None:
        self.section, self.lines, self.today = section, lines, today
        super().__init__(*args, **kwargs)
        for number, line in enumerate(lines, 1):
            self.fields[f"words-{line.pk}"] = text_box(
                _label(line, number, today),
                max(LONGEST, len(line.text)),
                rows=2,
                help_text=_hint(line),
                required=False,
                initial=line.text,
            )
            self.fields[f"out-{line.pk}"] = forms.BooleanField(
                label=f"Leave “{line.prompt}” out" if line.prompt else f"Leave line {number} out",
                required=False,
                initial=line.is_left_out,
            )
        if section.asks:
            self.fields["new"] = text_box(
                "Add lines in your own words",
                LONGEST * 4,
                rows=4,
                help_text=f"{section.asks} Each line of the box is a line of the report.",
                required=False,
            )
        asked = {f"words-{line.pk}" for line in lines if line.prompt and not line.recorded}
        if section.asks and section.needed and not any(line.text and not line.is_left_out for line in lines):
            asked.add("new")
        self.never_optional(*asked)
        self.edits(*lines)

    def clean_new(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["new"].splitlines()]
        found = [line for line in lines if line]
        if len(found) > MOST_NEW:
            raise forms.ValidationError(f"At most {MOST_NEW} lines at once. Save these in two goes")
        if any(len(line) > LONGEST for line in found):
            raise forms.ValidationError(f"A line has at most {LONGEST} letters. Make two of the long one")
        return found

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            {line.pk: given[f"words-{line.pk}"] for line in self.lines if f"words-{line.pk}" in given},
            [line.pk for line in self.lines if given.get(f"out-{line.pk}")],
            given.get("new") or (),
        )

    def layout(self) -> Layout:
        pieces: list[Any] = [
            Div(f"words-{line.pk}", f"out-{line.pk}", css_class="kw-stack is-tight") for line in self.lines
        ]
        pieces += ["new", "seen"] if "new" in self.fields else ["seen"]
        stay = secondary("Save", name="stay", value="on")
        back = quiet_link("Back to the report", "back_url")
        return Layout(*pieces, Actions(primary("Save and go on"), stay, back))


def _label(line: WrittenLine, number: int, today: date) -> str:
    if line.prompt:
        return line.prompt
    return f"Line {number}{f', {day_in_full(line.on, today)}' if line.on else ''}"


def _hint(line: WrittenLine) -> str:
    """Where it is from; what the record says, once it was put in other words."""
    said = line.said_by[:1].upper() + line.said_by[1:]
    record = f"The record says: {line.recorded}" if line.words and line.recorded else ""
    return " ".join(filter(None, (f"{said}.", line.source and ended(line.source), record)))


class BeginForm(EditForm):
    kind = forms.ChoiceField(label="Report")
    term = forms.ChoiceField(label="Term")

    missing = {"kind": "Choose a report", "term": "Choose a term"}
    button = "Begin"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, kinds: Sequence[ReportKind], terms: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("kind", [(one.slug, one.name) for one in kinds])
        self.offer("term", [(term.id, term.name) for term in terms])


class FillAgainForm(PastDaysForm):
    most_days, most_words = 800, "two years"
    button = "Fill again"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, report: Any, today: date, **kwargs: Any) -> None:
        self.today = today
        initial = {"starts_on": report.starts_on, "ends_on": report.ends_on}
        super().__init__(*args, initial=initial, **kwargs)
        self.edits(report)


class SendBackForm(KeyworkForm):
    comment = text_box(
        "What to change", 2000, rows=4, help_text="The writer reads this at the top of the report."
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    missing = {"comment": "Say what to change, so that the writer knows"}

    button = "Send it back"
    is_secondary = True


class ApproveForm(KeyworkForm):
    """Those ticked of what waits to be checked."""

    reports = forms.MultipleChoiceField(label="Approve")

    missing = {"reports": "Tick at least one report"}

    def __init__(self, *args: Any, waiting: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("reports", [(f"{one.pk}-{one.version}", str(one)) for one in waiting])
        self.fields["reports"].error_messages["invalid_choice"] = (
            "One of these has changed since you opened the list. Read it again: nothing is approved"
        )
