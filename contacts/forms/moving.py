"""Moving an entry to the right student: who was at the other end there, and why."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django import forms

from keywork import clock
from keywork.forms import Actions, KeyworkForm, primary, quiet_link
from keywork.words import worded_lazy
from students.lookup import links_for_keywork
from students.models import Student

from ..actions.contacts import Person
from ..models import HomeContact
from ..models.entry import LogEntry

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

    def chosen(self) -> Person | None:
        """Who it was with, of a valid form; None for a session."""
        if "person" not in self.fields:
            return None
        given = self.cleaned_data["person"]
        return Person(name=self.with_name) if given == SAME else Person(link=self.links[given])

    def layout(self) -> Layout:
        person = ["person"] if "person" in self.fields else []
        return Layout("to", *person, "reason", Actions(primary("Move it"), quiet_link("Go back", "back")))
