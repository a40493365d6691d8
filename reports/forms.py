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


class WithdrawForm(KeyworkForm):
    reason = forms.CharField(label="Why it is taken back", max_length=300)

    missing = {"reason": "Say why, for those who read the record later"}

    def layout(self) -> Layout:
        return Layout("reason", Actions(primary("Withdraw report")))
