"""What the forms for contacts and sessions share: when, who may read it, drafts and their buttons."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, time
from typing import Any

from crispy_forms.layout import HTML, Layout
from django import forms
from django.http import QueryDict

from keywork import clock
from keywork.dates import day_in_full, time_of_day
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, TimeBox, draft_status, primary
from keywork.levels import Level
from keywork.models import Draft, User
from keywork.school import SchoolFacts
from students.models import Student

from ..actions.entries import problem_of
from ..models.entry import LogEntry, readable_levels

LONGEST_NOTE = 20_000


class EntryForm(EditForm):
    """Bound with `data`, or filled from `entry` when it is amended, or from a `draft` left before.

    `where` names the address it posts to and the ones behind its buttons (contacts.views.places.Places).
    """

    happened_on = forms.DateField(label="Date", widget=DateBox)
    happened_time = forms.TimeField(label="Time", widget=TimeBox, required=False)
    level = forms.ChoiceField(label="Who can read this")
    missing = {"happened_on": "Choose the day"}

    save_label = "Save"
    standing: Mapping[str, str] = {}
    draft_form = ""  # the name its drafts are kept under

    def __init__(
        self,
        *,
        student: Student,
        user: User,
        facts: SchoolFacts,
        where: Any,
        data: QueryDict | None = None,
        entry: LogEntry | None = None,
        draft: Draft | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.student, self.user, self.facts = student, user, facts
        self.where, self.entry, self.draft = where, entry, draft
        self.today = clock.today()
        if data is not None:
            # Answers that stand unless they are changed need not be posted.
            standing = {"level": entry.level if entry is not None else Level.GENERAL, **self.standing}
            data = data.copy()
            for name in standing.keys() - data.keys():
                data[name] = standing[name]
        super().__init__(data, initial=initial, auto_id=f"{self.draft_form}-{student.pk}-%s")
        self._offer_levels()
        if entry is not None:
            self.edits(entry)
        if draft is not None and data is None:
            self.fill(draft)

    def _offer_levels(self) -> None:
        offered = readable_levels(self.user, self.student)
        if self.entry is not None and self.entry.level not in offered:
            offered.append(self.entry.level)
        self.offer("level", [(level, label) for level, label in Level.choices if level in offered])
        self.initial.setdefault("level", Level.GENERAL)
        if len(offered) < 2:
            self.fields["level"].widget = forms.HiddenInput()

    @property
    def latest_day(self) -> date:
        """The last day the entry can be dated: the day it is, or was, written down."""
        return self.entry.logged_on if self.entry is not None else self.today

    def clean_happened_on(self) -> date:
        on = self.cleaned_data["happened_on"]
        if problem := problem_of(self.student, on, latest=self.latest_day):
            raise forms.ValidationError(problem)
        return on

    def shown(self, name: str) -> Any:
        """What a field shows now: typed, left in a draft, or to begin with."""
        value = self[name].value()
        return value() if callable(value) else value

    def day_in_words(self) -> str:
        """ "today at 10.42 am", "Friday 20 November": when, as the closed part of the form says it."""
        day, at = self.shown("happened_on"), self.shown("happened_time")
        if isinstance(day, str):
            try:
                day = date.fromisoformat(day)
            except ValueError:
                return "on a day to be chosen"
        if day is None:
            return "on a day to be chosen"
        words = "today" if day == self.today else day_in_full(day, self.today)
        if isinstance(at, str):
            with suppress(ValueError):
                at = time.fromisoformat(at)
        at_words = time_of_day(at) if isinstance(at, time) else at
        return f"{words} at {at_words}" if at_words else words

    def facts_told(self) -> dict[str, Any]:
        """Keyword arguments for the actions of the entry's kind, of a valid form."""
        raise NotImplementedError

    def has_trouble(self, *names: str) -> bool:
        """Whether a part of the form must stand open because something in it needs putting right."""
        return self.is_bound and any(name in self.errors for name in names)

    # Layout

    def pieces(self) -> list[Any]:
        raise NotImplementedError

    def layout(self) -> Layout:
        buttons = [primary(self.save_label), HTML('{% include "contacts/_buttons.html" %}')]
        return Layout(
            HTML('{% include "contacts/_carried.html" %}'),
            *self.pieces(),
            Actions(*buttons, draft_status()),
        )

    @property
    def helper(self) -> Any:
        made = "_helper" not in self.__dict__
        helper = super().helper
        if made:
            helper.form_action = self.where.here
            helper.form_id = str(self.auto_id) % "form"
            helper.keep_drafts(self.where.draft)
            if self.where.card:
                helper.attrs |= {
                    "hx-post": self.where.here,
                    "hx-target": "closest article",
                    "hx-swap": "outerHTML",
                }
        return helper


def folded(summary: str, *fields: Any, is_open: bool, closed_only: str = "") -> list[Any]:
    """A part of the form behind one line. `summary` and `closed_only` are template text of the code's own."""
    shut = f'<span class="kw-shut">{closed_only}</span>' if closed_only else ""
    return [
        HTML(
            "{% load kw %}"
            f'<details class="kw-more"{" open" if is_open else ""}><summary>{{% icon "chevron-right" %}}'
            f'<span hx-disable>{shut}{summary}</span></summary><div class="kw-stack">'
        ),
        *fields,
        HTML("</div></details>"),
    ]
