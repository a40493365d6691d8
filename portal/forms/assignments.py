"""Forms of the assignments board. Each is shown twice: to fill in, and again under what would happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.bootstrap import StrictButton
from crispy_forms.layout import HTML, Div, Layout
from django import forms

from keywork import words
from keywork.forms import Actions, DateBox, KeyworkForm, quiet_link
from keywork.models import Assignment, User
from keywork.models.assignment import FIRST_IN_POST, reason_in_words
from keywork.policy import Policy
from keywork.words import worded, worded_lazy
from students.filters import PlainSelect

from ..sharing import Suggestion

Reason = Assignment.Reason
# What happened to the adult, or needs a note: a choice in every school. The others are the policy's.
ALWAYS = (Reason.STAFF_LEFT, Reason.STAFF_ABSENCE, Reason.OTHER)


def _reasons(*own: tuple[Reason, str]) -> list[tuple[str, str]]:
    """`own` of the form, then those of the school (`keyworker_change_reasons`), those it has words of its own for too."""
    labels = {one.value: one.label for one in Reason}
    chosen = (words.policy() or Policy()).keyworker_change_reasons
    order = [one for one in Reason if one.value in chosen or one in ALWAYS]
    theirs = [(one, reason_in_words(one)) for one in chosen if one not in labels]
    return [
        *own,
        *((one.value, one.label) for one in order if one != Reason.OTHER),
        *theirs,
        (Reason.OTHER.value, labels["other"]),
    ]


def why_assign() -> list[tuple[str, str]]:
    # Of any post: a first keyworker's is only called so where that is what they are.
    return _reasons((Reason.FIRST, FIRST_IN_POST))


def why_end() -> list[tuple[str, str]]:
    return _reasons((Reason.STUDENT_LEFT, Reason.STUDENT_LEFT.label))


def why_move() -> list[tuple[str, str]]:
    """Of several students at once: why it is the adult's, not theirs."""
    return [one for one in _reasons() if one[0] not in (Reason.STUDENT_REQUEST, Reason.RELATIONSHIP)]


def _note(label: str = "More about it") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=500,
        required=False,
        help_text=worded_lazy("Kept with the assignment. Families and students do not see it."),
    )


def _why(choices: Callable[[], list[tuple[str, str]]]) -> forms.ChoiceField:
    return forms.ChoiceField(label="Reason", choices=lambda: [("", "Choose a reason"), *choices()])


class PreviewedForm(KeyworkForm):
    """Drawn to be filled in and, once what it would do is known, with that (context: effect, do_label)."""

    is_previewed = False


class _Previewed(PreviewedForm):
    """Once previewed it shows what happens and a button to do it."""

    body: tuple[Any, ...] = ()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        note = "reason_note" if "reason_note" in self.fields else "note"
        if given.get("reason") == Reason.OTHER and not given.get(note):
            self.add_error(note, "Say what the reason is")
        return given

    def layout(self) -> Layout:
        fields = [name for name in self.body if not isinstance(name, str) or name in self.fields]
        back = quiet_link("Back", "back_url")
        if not self.is_previewed:
            return Layout(*fields, Actions(step_button("See what happens", "look", "btn-primary"), back))
        return Layout(
            HTML('{% include "portal/assignments_effect.html" %}'),
            Div(Actions(step_button("{{ do_label }}", "make", "btn-primary"), back), css_class="kw-stack"),
            *fields,
            Actions(step_button("Look again", "look", "btn-secondary")),
        )


def step_button(label: str, value: str, css: str) -> StrictButton:
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
        widget=PlainSelect,
        help_text=worded_lazy("With the number of students they are keyworker of."),
    )
    over_cap_reason = CapReason(
        label="Why above the limit",
        max_length=500,
        help_text="The school asks for a reason. It is kept and shown on the board.",
    )

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], asks_cap: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("user", [("", "Choose a person"), *people])
        if not asks_cap:
            del self.fields["over_cap_reason"]

    def person(self, people: Any) -> User:
        return people.get(pk=self.cleaned_data["user"])


class AssignForm(_WithPerson):
    """Somebody takes a post of one student; `suggested` is said beside whom one may choose."""

    def __init__(self, *args: Any, suggested: Suggestion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if suggested is not None:
            self.fields["user"].help_text = suggested.in_words

    kind = forms.ChoiceField(label="As", choices=Assignment.Kind.choices)
    starts_on = forms.DateField(label="From", widget=DateBox)
    ends_on = forms.DateField(
        label="Until", required=False, widget=DateBox, help_text="Leave empty if no end is known."
    )
    reason = _why(why_assign)
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
        "kind": worded_lazy("Choose what they are to the student"),
    }


class EndForm(_Previewed):
    """The last day of a post, and why."""

    ends_on = forms.DateField(label="Last day", widget=DateBox)
    reason = _why(why_end)
    note = _note()
    body = ("ends_on", "reason", "note")
    missing = {"ends_on": "Choose the last day", "reason": "Choose the reason"}


class TakeBackForm(KeyworkForm):
    """Why a plan is taken back; what happens stands above it from the start."""

    reason = forms.CharField(
        label="Reason", max_length=500, help_text=worded_lazy("Kept in the history of this student.")
    )
    missing = {"reason": "Say why"}

    def layout(self) -> Layout:
        effect = HTML('{% include "portal/assignments_effect.html" %}')
        return Layout(
            effect,
            "reason",
            Actions(
                step_button("Take it back", "make", "btn-primary"), quiet_link("Keep the plan", "back_url")
            ),
        )


@dataclass(slots=True)
class SharedAssignment:
    """One post in the table: its two fields, and what is suggested."""

    assignment: Assignment
    to: forms.BoundField
    over: forms.BoundField
    suggestion: Suggestion
    asks_over: bool
    is_suggested: bool

    @property
    def word(self) -> str:
        return self.assignment.get_kind_display()


class ShareOutForm(_Previewed):
    """What one person holds goes to others: for each post who takes it, and why above the limit where they would be.

    `people` is a kind of post to (id, "Bronwen Tallis, 3 of 5"); `suggested` a post id to a Suggestion.
    """

    starts_on = forms.DateField(label="From", widget=DateBox)
    ends_on = forms.DateField(label="Last day of the cover", required=False, widget=DateBox)
    reason = _why(why_move)
    reason_note = _note()
    everyone = forms.TypedChoiceField(
        label="Give all to one person", coerce=int, empty_value=None, required=False, widget=PlainSelect
    )
    missing = {"starts_on": "Choose the first day", "reason": "Choose the reason"}

    def __init__(
        self,
        *args: Any,
        person: User,
        assignments: Sequence[Assignment],
        people: Mapping[str, Sequence[tuple[int, str]]],
        suggested: Mapping[int, Suggestion],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.assignments, self.suggested = assignments, suggested
        self.fields["ends_on"].help_text = (
            f"The day after it everybody is {person.get_short_name()}’s again, by itself. "
            "Leave it empty if they stay with the others."
        )
        self.offer("everyone", [("", "Choose a person"), *people[Assignment.Kind.KEYWORKER]])
        for assignment in assignments:
            user = suggested[assignment.pk].user
            name, word = assignment.student.name, assignment.get_kind_display().lower()
            self.fields[f"to-{assignment.pk}"] = forms.TypedChoiceField(
                label=f"New {word} of {name}",
                choices=[("", "Decide later"), *people[assignment.kind]],
                coerce=int,
                empty_value=None,
                required=False,
                widget=PlainSelect,
                initial=user.pk if user else "",
            )
            self.fields[f"over-{assignment.pk}"] = CapReason(
                label=f"Why above the limit, {name}", max_length=500
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if self.data.get("do") == "everyone" and not given.get("everyone"):
            self.add_error("everyone", "Choose who takes them all")
        named = [
            given.get(f"to-{assignment.pk}") or self.errors.get(f"to-{assignment.pk}")
            for assignment in self.assignments
        ]
        if self.assignments and not any(named):
            none = "Nobody is suggested: beside each student it says why. Choose somebody for at least one of them"
            only = "Choose somebody for at least one student"
            self.add_error(None, worded(none if self.data.get("do") == "suggest" else only))
        if not self.assignments:
            self.add_error("starts_on", "There is nobody to move on that day")
        return given

    @property
    def lacks_only_answers(self) -> bool:
        """Whoever fills the rows first may not have come to the rest: nothing is wrong yet."""
        wrong = [one for errors in self.errors.as_data().values() for one in errors]
        return bool(wrong) and all(one.code == "required" for one in wrong)

    def moves(self) -> dict[int, tuple[int, str]]:
        """Post id to the user's id and the reason for passing the limit."""
        given = self.cleaned_data
        return {
            assignment.pk: (given[f"to-{assignment.pk}"], given.get(f"over-{assignment.pk}", ""))
            for assignment in self.assignments
            if given.get(f"to-{assignment.pk}")
        }

    def rows(self) -> list[SharedAssignment]:
        rows = []
        for assignment in self.assignments:
            to, over = self[f"to-{assignment.pk}"], self[f"over-{assignment.pk}"]
            suggestion = self.suggested[assignment.pk]
            chosen = str(to.value() or "")
            as_suggested = chosen == str(suggestion.user.pk if suggestion.user else "")
            asks = bool(over.errors or (over.value() and chosen))
            rows.append(SharedAssignment(assignment, to, over, suggestion, asks, as_suggested))
        return rows

    def layout(self) -> Layout:
        back = quiet_link("Back", "back_url")
        suggest = step_button("Take all suggestions", "suggest", "btn-quiet")
        words, css = ("See what happens", "btn-primary")
        if self.is_previewed:
            words, css = ("Work it out again", "btn-secondary")
        make = [
            HTML('{% include "portal/assignments_effect.html" %}'),
            Actions(step_button("{{ do_label }}", "make", "btn-primary"), back),
        ]
        return Layout(
            *(make if self.is_previewed else []),
            HTML('{% include "portal/assignments_share_rows.html" %}'),
            Div("starts_on", "ends_on", css_class="kw-grid is-2"),
            "reason",
            "reason_note",
            Actions(step_button(words, "look", css), suggest, *([] if self.is_previewed else [back])),
            Div(
                "everyone",
                Actions(step_button("Put in every row", "everyone", "btn-secondary")),
                css_class="kw-stack is-tight",
            ),
        )
