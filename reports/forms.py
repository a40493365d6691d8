"""Ordering, releasing and withdrawing reports: parse and check, never save."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms

from keywork.calendar import Term
from keywork.forms import Actions, KeyworkForm, primary

from .kinds import KINDS


class OrderForm(KeyworkForm):
    """Which report, which term, for whom. `students` are those the person may make reports for."""

    kind = forms.ChoiceField(
        label="Which report",
        choices=[(kind.slug, kind.name) for kind in KINDS.values()],
        widget=forms.RadioSelect,
    )
    term = forms.ChoiceField(label="Term")
    who = forms.ChoiceField(label="For whom")

    missing = {"kind": "Choose a report", "term": "Choose a term", "who": "Choose a student"}

    def __init__(self, *args: Any, terms: list[Term], students: Any, everyone: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.students = students
        self.fields["term"].choices = [(term.id, term.name) for term in terms]
        people = [(str(pk), f"{known_as} {surname}") for pk, known_as, surname in students]
        every = "Everyone on roll" if everyone else "All my students"
        self.fields["who"].choices = [("all", f"{every} ({len(people)})"), *people]
        self.fields["kind"].initial = next(iter(KINDS))

    def layout(self) -> Layout:
        return Layout(Field("kind", wrapper_class="is-rows"), "term", "who", Actions(primary("Make reports")))

    @property
    def student_ids(self) -> list[int]:
        who = self.cleaned_data["who"]
        return [pk for pk, *_ in self.students] if who == "all" else [int(who)]


class ReleaseForm(KeyworkForm):
    """Who gets a copy. `keys` are the rows that may go today; `going` is the number the button carried."""

    to = forms.MultipleChoiceField(label="Send")
    going = forms.IntegerField(required=False, widget=forms.HiddenInput)

    missing = {"to": "Tick at least one person, or leave it for later"}

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(key, key) for key in keys]
        self.fields["to"].error_messages["invalid_choice"] = (
            "This list has changed since you opened it. Look at it again: nothing has gone out"
        )

    @property
    def ticked(self) -> set[str]:
        """What was ticked; everyone before anything was sent in."""
        everyone = {key for key, _ in self.fields["to"].choices}
        return everyone & set(self.data.getlist("to")) if self.is_bound else everyone

    @property
    def is_confirmed(self) -> bool:
        """Did the button say as many as were ticked? Otherwise the list is shown once more, counted anew."""
        return self.cleaned_data["going"] == len(self.cleaned_data["to"])


class WithdrawForm(KeyworkForm):
    reason = forms.CharField(label="Why it is taken back", max_length=300)

    missing = {"reason": "Say why, for those who read the record later"}

    def layout(self) -> Layout:
        return Layout("reason", Actions(primary("Withdraw report")))
