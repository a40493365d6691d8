"""Ordering, releasing and withdrawing reports: parse and check, never save."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms

from keywork.calendar import Term
from keywork.forms import Actions, KeyworkForm, primary

from .kinds import KINDS


class OrderForm(KeyworkForm):
    """Which report, which term, for whom.

    `students` are all the person may make a report on, `of_term` those of one term. After `is_valid`, `chosen` are
    the students of the order.
    """

    kind = forms.ChoiceField(
        label="Which report",
        choices=[(kind.slug, kind.name) for kind in KINDS.values()],
        widget=forms.RadioSelect,
    )
    term = forms.ChoiceField(label="Term")
    who = forms.ChoiceField(label="For whom")

    missing = {"kind": "Choose a report", "term": "Choose a term", "who": "Choose a student"}

    def __init__(
        self,
        *args: Any,
        terms: list[Term],
        students: Any,
        of_term: Callable[[Term], Any],
        everyone: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.terms, self.of_term = {term.id: term for term in terms}, of_term
        self.chosen: list[Any] = []
        self.fields["term"].choices = [(term.id, term.name) for term in terms]
        people = [
            (str(pk), f"{known_as} {surname}".strip())
            for pk, known_as, surname in students.values_list("pk", "known_as", "surname")
        ]
        self.has_students = bool(people)
        every = "Everyone" if everyone else "All my students"
        self.fields["who"].choices = [("all", f"{every} on roll in that term"), *people]
        self.fields["kind"].initial = next(iter(KINDS))

    def layout(self) -> Layout:
        return Layout(Field("kind", wrapper_class="is-rows"), "term", "who", Actions(primary("Make reports")))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "term" in cleaned and "who" in cleaned:
            term, who = self.terms[cleaned["term"]], cleaned["who"]
            found = self.of_term(term)
            self.chosen = list(found if who == "all" else found.filter(pk=who))
            if not self.chosen:
                names = dict(self.fields["who"].choices)
                who_not = "None of your students was" if who == "all" else f"{names[who]} was not"
                self.add_error("who", f"{who_not} on roll in {term.name}. Choose another term")
        return cleaned


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
