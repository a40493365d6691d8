"""Forms of long holidays: who covers which week, and what staff are told afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from keywork.calendar import Span
from keywork.dates import day_short
from keywork.editing import EditForm
from keywork.models import User

from ..models import HolidayWeek


class CoverForm(EditForm):
    """A week a row. Two people who share the same holiday out see each other's change."""

    button = "Save who covers"

    def __init__(
        self,
        *args: Any,
        weeks: Sequence[Span],
        people: Sequence[tuple[User, str]],
        kept: Sequence[HolidayWeek],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.weeks, self.people = weeks, {user.pk: user for user, _ in people}
        chosen = {one.starts_on: one.covered_by for one in kept}
        offered = [("", "Nobody yet"), *((user.pk, f"{user.name}, {what}") for user, what in people)]
        for number, (first, last) in enumerate(weeks):
            of_week = chosen.get(first)
            choices = list(offered)
            if of_week is not None and of_week.pk not in self.people:  # no longer beside the student
                self.people[of_week.pk] = of_week
                choices.append((of_week.pk, of_week.name))
            self.fields[f"week_{number}"] = forms.TypedChoiceField(
                label=f"{day_short(first, today)} to {day_short(last, today)}",
                coerce=int,
                empty_value=None,
                required=False,
                choices=choices,
                initial=of_week.pk if of_week else "",
            )
        self.helper.show_optional = False
        self.edits(*kept)

    def shared(self) -> dict[Span, User | None]:
        return {
            week: self.people.get(self.cleaned_data.get(f"week_{number}") or 0)
            for number, week in enumerate(self.weeks)
        }


class BriefingForm(EditForm):
    words = forms.CharField(
        label="What staff should know",
        max_length=5_000,
        help_text="Everyone around them reads it. Take out what they need not know to work with them.",
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    missing = {"words": "Write what staff should know"}
    button = "Send to staff"
