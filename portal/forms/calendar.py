"""Forms of the school's calendar. Each is shown twice: to fill in, and again beside what would change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, quiet_link
from keywork.models import AcademicYear, HalfTerm

from .assignments import PreviewedForm, step_button

CLOSED, INSET = "closed", "inset"


class BesideForm(PreviewedForm):
    """The fields and what they would change beside them; once that is there, a button that does it."""

    effect = "portal/_calendar_effect.html"

    def pieces(self) -> Sequence[Any]:
        return ()

    def layout(self) -> Layout:
        if not self.is_previewed:
            look = step_button("See what changes", "look", "btn-primary")
            return Layout(*self.pieces(), Actions(look, quiet_link("Back", "back_url")))
        again = Div(step_button("Work it out again", "look", "btn-secondary"))
        return Layout(
            Div(
                Div(*self.pieces(), again, css_class="kw-stack"),
                HTML(f'{{% include "{self.effect}" %}}'),
                css_class="kw-split kw-stack",
            ),
            Actions(
                step_button("{{ do_label }}", "make", "btn-primary"),
                quiet_link("Do not save it", "back_url"),
                HTML('<span class="kw-small kw-soft">{{ afterwards }}</span>'),
            ),
        )


class DaysOffForm(BesideForm):
    """Days on which no student comes, though the calendar says so."""

    kind = forms.ChoiceField(
        label="What kind of day?",
        choices=[(CLOSED, "School closed"), (INSET, "INSET day")],
        widget=forms.RadioSelect,
        initial=CLOSED,
    )
    starts_on = forms.DateField(label="First day", widget=DateBox())
    ends_on = forms.DateField(
        label="Last day", widget=DateBox(), required=False, help_text="Leave it empty for one day."
    )
    reason = forms.CharField(
        label="Why", max_length=200, required=False, help_text="Staff read this on the calendar."
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("ends_on") is None and given.get("starts_on") is not None:
            given["ends_on"] = given["starts_on"]
        return given

    def pieces(self) -> Sequence[Any]:
        dates = Div("starts_on", "ends_on", css_class="kw-row align-items-start")
        return (Field("kind", wrapper_class="is-chips"), dates, "reason")


class HalfTermsForm(BesideForm, EditForm):
    """First and last day of each half-term of a year."""

    def __init__(self, *args: Any, year: AcademicYear, **kwargs: Any) -> None:
        self.half_terms: Sequence[HalfTerm] = list(year.half_terms.order_by("starts_on"))
        initial = {f"first-{row.pk}": row.starts_on for row in self.half_terms}
        initial |= {f"last-{row.pk}": row.ends_on for row in self.half_terms}
        super().__init__(*args, initial=initial, **kwargs)
        for row in self.half_terms:
            for name, label in (("first", "first day"), ("last", "last day")):
                self.fields[f"{name}-{row.pk}"] = forms.DateField(
                    label=f"{row.name}, {label}", widget=DateBox()
                )
        self.word_plainly()
        self.edits(*self.half_terms)

    def dates(self) -> dict[int, tuple[date, date]]:
        given = self.cleaned_data
        return {row.pk: (given[f"first-{row.pk}"], given[f"last-{row.pk}"]) for row in self.half_terms}

    def pieces(self) -> Sequence[Any]:
        return [
            Div(f"first-{row.pk}", f"last-{row.pk}", css_class="kw-row align-items-start")
            for row in self.half_terms
        ]


class TakeBackForm(BesideForm):
    """Nothing to fill in: what happens stands on the page."""
