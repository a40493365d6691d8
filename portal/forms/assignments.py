"""Forms of the assignments board. Each is shown twice: to fill in, and again under what would happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.bootstrap import StrictButton
from crispy_forms.layout import HTML, Div, Layout
from django import forms

from keywork.forms import Actions, DateBox, KeyworkForm, quiet_link
from keywork.models import Assignment, User
from students.filters import QuickSelect

Reason = Assignment.Reason
WHY_ASSIGN = [(one.value, one.label) for one in Reason if one != Reason.STUDENT_LEFT]
WHY_END = [(one.value, one.label) for one in Reason if one != Reason.FIRST]
WHY_MOVE = [
    (one.value, one.label) for one in (Reason.STAFF_LEFT, Reason.STAFF_ABSENCE, Reason.WORKLOAD, Reason.OTHER)
]


def _note(label: str = "More about it") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        required=False,
        help_text="Kept with the assignment. Families and students do not see it.",
    )


def _why(choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label="Reason", choices=[("", "Choose a reason"), *choices])


class _Previewed(KeyworkForm):
    """`seal` is the preview's; with it the form shows what happens and a button to do it."""

    body: tuple[Any, ...] = ()
    sealed = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        note = "reason_note" if "reason_note" in self.fields else "note"
        if given.get("reason") == Reason.OTHER and not given.get(note):
            self.add_error(note, "Say what the reason is")
        return given

    def show_preview(self) -> None:
        """Draw the form with the preview above its fields (context: effect, do_label, seal)."""
        self.sealed = True

    def layout(self) -> Layout:
        fields = [name for name in self.body if not isinstance(name, str) or name in self.fields]
        back = quiet_link("Back", "back_url")
        if not self.sealed:
            return Layout(*fields, Actions(_button("See what happens", "look", "btn-primary"), back))
        return Layout(
            HTML('{% include "portal/assignments_effect.html" %}'),
            Div(Actions(_button("{{ do_label }}", "make", "btn-primary"), back), css_class="kw-stack"),
            *fields,
            Actions(_button("Look again", "look", "btn-secondary")),
        )


def _button(label: str, value: str, css: str) -> StrictButton:
    return StrictButton(label, type="submit", css_class=css, name="do", value=value)


class CapReason(forms.CharField):
    """Never "optional", and never missed by the form: whether it is needed is the rule's to say, in its own words."""

    def validate(self, value: str) -> None:
        pass


class _WithPerson(_Previewed):
    """`people` are (id, "Bronwen Tallis, 3 of 5"); the reason for passing the cap is asked only when needed."""

    user = forms.TypedChoiceField(
        label="Who",
        coerce=int,
        widget=QuickSelect,
        help_text="With the number of students they are keyworker of.",
    )
    over_cap_reason = CapReason(
        label="Why above the limit",
        max_length=500,
        help_text="The school asks for a reason. It is kept and shown on the board.",
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], asks_cap: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", "Choose a person"), *people]
        if not asks_cap:
            del self.fields["over_cap_reason"]

    def person(self, people: Any) -> User:
        return people.get(pk=self.cleaned_data["user"])


class AssignForm(_WithPerson):
    """Somebody takes a post of one student."""

    kind = forms.ChoiceField(label="As", choices=Assignment.Kind.choices)
    starts_on = forms.DateField(label="From", widget=DateBox)
    ends_on = forms.DateField(
        label="Until", required=False, widget=DateBox, help_text="Leave empty if no end is known."
    )
    reason = _why(WHY_ASSIGN)
    reason_note = _note()
    body = (
        Div("kind", "user", css_class="kw-grid is-2"),
        "over_cap_reason",
        Div("starts_on", "ends_on", css_class="kw-grid is-2"),
        "reason",
        "reason_note",
    )
    missing = {
        "user": "Choose who it is",
        "starts_on": "Choose the first day",
        "reason": "Choose the reason",
        "kind": "Choose what they are to the student",
    }


class EndForm(_Previewed):
    """The last day of a post, and why."""

    ends_on = forms.DateField(label="Last day", widget=DateBox)
    reason = _why(WHY_END)
    note = _note()
    body = ("ends_on", "reason", "note")
    missing = {"ends_on": "Choose the last day", "reason": "Choose the reason"}


class TakeBackForm(KeyworkForm):
    """Why a plan is taken back; what happens stands above it from the start."""

    reason = forms.CharField(label="Reason", max_length=500, help_text="Kept in the history of this student.")
    missing = {"reason": "Say why"}

    def layout(self) -> Layout:
        effect = HTML('{% include "portal/assignments_effect.html" %}')
        return Layout(
            effect,
            "reason",
            Actions(_button("Take it back", "make", "btn-primary"), quiet_link("Keep the plan", "back_url")),
        )


class HandOverForm(_WithPerson):
    """A whole caseload goes to one person."""

    starts_on = forms.DateField(label="From", widget=DateBox)
    reason = _why(WHY_MOVE)
    reason_note = _note()
    body = (Div("user", "starts_on", css_class="kw-grid is-2"), "over_cap_reason", "reason", "reason_note")
    missing = {
        "user": "Choose who takes them on",
        "starts_on": "Choose the first day",
        "reason": "Choose the reason",
    }
