"""A hold on contact with home, why something was missed, an e-mail to home, moving an entry to the right student; who covers
a week of a long holiday, and what staff are told afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork import clock
from keywork.calendar import Span
from keywork.dates import day_short
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, primary, text_box
from keywork.models import User
from keywork.words import worded_lazy
from students.lookup import links_for_keywork
from students.models import FamilyLink, Student

from ..actions.contacts import Person
from ..models import HolidayWeek, HomeContact, Miss
from ..models.entry import LogEntry


class ExplainForm(EditForm):
    reason = text_box(
        "Why",
        500,
        help_text=worded_lazy("Those who read the key worker log read it, and the Head of Social Education."),
    )
    missing = {"reason": "Say why it was missed"}
    button = "Keep it"
    back = ("Go back", "back")

    def __init__(self, *args: Any, miss: Miss, **kwargs: Any) -> None:
        super().__init__(*args, initial={"reason": miss.said}, **kwargs)
        answer = getattr(miss, "answer", None)
        self.edits(*([answer] if answer is not None else []))


class HoldForm(KeyworkForm):
    starts_on = forms.DateField(label="First day", widget=DateBox)
    ends_on = forms.DateField(label="Last day", widget=DateBox)
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text=worded_lazy(
            "Only you, the Head of Social Education and the safeguarding leads can read this."
        ),
    )
    missing = {
        "starts_on": "Choose the first day",
        "ends_on": "Choose the last day",
        "reason": "Say why home must not be contacted",
    }

    def layout(self) -> Layout:
        return Layout(
            Div("starts_on", "ends_on", css_class="kw-row"), "reason", Actions(primary("Place hold"))
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", "Choose a last day that is not before the first")
        return data


class HomeLetterForm(KeyworkForm):
    person = forms.ChoiceField(label="To")
    words = text_box(
        "What do you want to say?",
        5000,
        rows=8,
        help_text="It begins with their first name and ends with yours. Leave surnames out: an e-mail may be read on its"
        " way. What is private is better told by phone.",
    )
    missing = {"person": "Choose who it goes to", "words": "Write what you want to say"}
    button = "Send"
    back = ("Go back", "back")

    def __init__(self, *args: Any, links: list[FamilyLink], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.links = {str(link.pk): link for link in links}
        self.offer("person", [(pk, f"{link.label}, {link.member.email}") for pk, link in self.links.items()])

    def facts(self) -> dict[str, Any]:
        return {"link": self.links[self.cleaned_data["person"]], "words": self.cleaned_data["words"]}


SAME = "same"


class MoveForm(KeyworkForm):
    """`student` is the right one. Somebody who is family of both is chosen from the start."""

    to = forms.IntegerField(widget=forms.HiddenInput)
    person = forms.ChoiceField(label="Who it was with")
    reason = forms.CharField(
        label="Reason",
        max_length=200,
        help_text=worded_lazy("It stands beside the crossed-out entry. Name no other student."),
    )
    missing = {
        "person": "Choose who it was with",
        "reason": worded_lazy("Say why it belongs to another student"),
    }
    button = "Move it"
    back = ("Go back", "back")

    def __init__(self, *args: Any, entry: LogEntry, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["to"] = student.pk
        if not isinstance(entry, HomeContact):
            del self.fields["person"]
            return
        self.with_name = entry.with_name
        self.links = {str(link.pk): link for link in links_for_keywork(student.pk, clock.today())}
        self.offer(
            "person",
            [
                ("", "Choose"),
                *((pk, link.label) for pk, link in self.links.items()),
                (SAME, f"{entry.with_name}, who is not on file for {student.known_as}"),
            ],
        )
        for pk, link in self.links.items():
            if link.member_id == entry.member_id:
                self.initial["person"] = pk

    def told(self) -> dict[str, Any]:
        """Why, and of a contact who it was with, for actions.moving.move."""
        told: dict[str, Any] = {"reason": self.cleaned_data["reason"]}
        if "person" in self.fields:
            given = self.cleaned_data["person"]
            told["person"] = Person(name=self.with_name) if given == SAME else Person(link=self.links[given])
        return told


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
    words = text_box(
        "What staff should know",
        5_000,
        rows=10,
        help_text="Everyone around them reads it. Take out what they need not know to work with them.",
    )
    missing = {"words": "Write what staff should know"}
    button = "Send to staff"
