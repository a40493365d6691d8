"""Forms of mentoring: a slot, what became of it, another day, a drop-in, a time to be dropped in on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms

from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, KeyworkForm, TimeBox, primary, quiet_link, secondary, text_box
from keywork.policy import Policy
from keywork.words import worded_lazy

from .. import mentoring as rules
from ..models import DropInTime, MentoringSlot

Status = MentoringSlot.Status
TO_MARK = (Status.ATTENDED, Status.NO_SHOW, Status.CANCELLED)


class SlotForm(KeyworkForm):
    """A slot to plan; `students` are those one may log for."""

    student = forms.TypedChoiceField(label=worded_lazy("Student"), coerce=int)
    on = forms.DateField(label="Day", widget=DateBox)
    at: Any = forms.TimeField(label="Time", widget=TimeBox, required=False)
    minutes: Any = forms.TypedChoiceField(label="How long", coerce=int, widget=forms.RadioSelect)
    where = forms.CharField(label="Where", max_length=80)
    focus = forms.CharField(
        label="What for",
        max_length=300,
        required=False,
        help_text=worded_lazy("Read by the core team. The student sees the day, the time and where."),
    )
    missing = {
        "student": worded_lazy("Choose the student"),
        "on": "Choose the day",
        "minutes": "Choose how long",
        "where": "Say where",
    }
    do = "Plan this slot"

    def __init__(
        self, *args: Any, students: Sequence[tuple[int, str]], policy: Policy, action: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer("student", [("", "Choose"), *students])
        self.offer("minutes", [(n, f"{n} minutes") for n in rules.lengths(policy)])
        self.helper.form_action = action

    def layout(self) -> Layout:
        return Layout(
            "student",
            Div("on", "at", css_class="kw-grid"),
            Field("minutes", wrapper_class="is-chips"),
            "where",
            "focus",
            Actions(primary(self.do)),
        )


class DropInForm(SlotForm):
    minutes = forms.IntegerField(
        label="How long, in minutes",
        min_value=1,
        max_value=600,
        widget=forms.NumberInput(attrs={"class": "kw-input-short", "inputmode": "numeric"}),
    )
    where = forms.CharField(label="Where", max_length=80, required=False)
    at = None
    do = "Log the drop-in"

    def __init__(self, *args: Any, students: Sequence[tuple[int, str]], action: str, **kwargs: Any) -> None:
        KeyworkForm.__init__(self, *args, auto_id="drop-in-%s", **kwargs)
        self.offer("student", [("", "Choose"), *students])
        self.helper.form_action = action

    def layout(self) -> Layout:
        return Layout(
            "student",
            Div("on", "minutes", css_class="kw-grid"),
            "where",
            "focus",
            Actions(secondary(self.do)),
        )


class MarkForm(EditForm):
    status: Any = forms.ChoiceField(
        label="What became of it?",
        choices=[(one.value, one.label) for one in TO_MARK],
        widget=forms.RadioSelect,
    )
    note = text_box("Note", 5_000, required=False)
    missing = {"status": "Say what became of it"}
    button = "Save"
    back = ("Go back", "back")
    shapes = {"status": "is-chips"}

    def __init__(self, *args: Any, slot: MentoringSlot, **kwargs: Any) -> None:
        is_marked = slot.status != Status.PLANNED
        begins = {"status": slot.status, "note": slot.note} if is_marked else None
        super().__init__(*args, initial=begins, **kwargs)
        self.edits(slot)


class MoveForm(KeyworkForm):
    on = forms.DateField(label="Day", widget=DateBox)
    at = forms.TimeField(label="Time", widget=TimeBox, required=False)
    where = forms.CharField(label="Where", max_length=80)
    missing = {"on": "Choose the day", "where": "Say where"}

    def layout(self) -> Layout:
        return Layout(
            Div("on", "at", css_class="kw-grid"),
            "where",
            Actions(primary("Move it"), quiet_link("Go back", "back")),
        )


class DropInTimeForm(KeyworkForm):
    weekday = forms.TypedChoiceField(label="Day", coerce=int, choices=DropInTime.Weekday.choices)
    time = forms.ChoiceField(label="When")
    where = forms.CharField(label="Where", max_length=80)
    missing = {"where": "Say where"}

    def __init__(self, *args: Any, policy: Policy, action: str, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="times-%s", **kwargs)
        self.offer(
            "time",
            [(slug, rules.time_words(slug, policy).capitalize()) for slug in rules.offered_times(policy)],
        )
        self.helper.form_action = action

    def layout(self) -> Layout:
        return Layout(Div("weekday", "time", css_class="kw-row"), "where", Actions(secondary("Publish")))
