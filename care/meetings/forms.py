"""Planning a meeting, its minutes, what home reads of it; and what somebody agreed to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import HTML, Div, Field, Layout
from django import forms
from django.http import QueryDict

from keywork import clock
from keywork.editing import EditForm
from keywork.forms import Actions, DateBox, TimeBox, primary, quiet_link, text_box
from keywork.levels import Level
from keywork.models import User
from keywork.words import worded_lazy
from students.models import FamilyLink, Student

from ..models import Action, Meeting
from .kinds import KINDS, MeetingKind

MOST_MINUTES = 480


class MeetingForm(EditForm):
    kind = forms.ChoiceField(label="Kind of meeting")
    on = forms.DateField(label="Day", widget=DateBox)
    at = forms.TimeField(label="Begins at", required=False, widget=TimeBox)
    minutes = forms.IntegerField(label="How long, in minutes", min_value=5, max_value=MOST_MINUTES)
    place = forms.CharField(label="Where", max_length=120, required=False)
    led_by = forms.TypedChoiceField(label="Who leads it", required=False, coerce=int, empty_value=None)
    agenda = text_box("Agenda", 4000, rows=5, required=False, help_text="One point a line.")
    staff = forms.TypedMultipleChoiceField(
        label="Staff", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    family = forms.TypedMultipleChoiceField(
        label="Family", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    with_student = forms.BooleanField(label=worded_lazy("The student comes"), required=False)
    outside = text_box(
        "People from outside", 2000, rows=2, required=False, help_text="One a line: name, role and service."
    )
    level = forms.ChoiceField(label="Who can read it", help_text="Staff who are asked to come read it too.")
    missing = {"on": "Choose the day", "minutes": "Write how long it takes"}

    def __init__(
        self,
        *args: Any,
        student: Student,
        staff: Sequence[User],
        links: Sequence[FamilyLink],
        levels: Sequence[str],
        kind: MeetingKind,
        meeting: Meeting | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, initial=_stored(meeting) if meeting else _new(kind, student), **kwargs)
        known = {slug: one.name for slug, one in KINDS.items()}
        if meeting is not None:
            known.setdefault(meeting.kind, meeting.named.name)
        people = [(user.pk, user.name) for user in staff]
        self.offer("kind", list(known.items()))
        self.offer("led_by", [("", "Nobody in particular"), *people])
        self.offer("staff", people)
        self.offer("family", [(link.member_id, link.label) for link in links])
        self.offer("level", [(value, label) for value, label in Level.choices if value in levels])
        if not links:
            del self.fields["family"]
        self.fields["with_student"].label = f"{student.known_as} comes"
        if student.speaks_for_self:
            asked = "They speak for themselves: ask them first, and whether family comes."
            self.fields["with_student"].help_text = asked
        if meeting is not None:
            self.edits(meeting)
        else:  # the buttons of its page say which
            self.fields["kind"].widget = forms.HiddenInput()

    def layout(self) -> Layout:
        rest = [name for name in self.fields if name not in ("kind", "on", "at", "minutes", "seen")]
        buttons = [HTML('{% include "care/_meeting_kinds.html" %}')] if self.stored is None else []
        return Layout(
            *buttons,
            "kind",
            Div("on", "at", "minutes", css_class="kw-row"),
            *rest,
            Actions(primary("Save the meeting"), quiet_link("Not now", "back_url")),
        )

    def facts_told(self) -> dict[str, Any]:
        given = self.details()
        facts = {name: given[name] for name in ("kind", "on", "at", "minutes", "place", "level")}
        return {
            "facts": {**facts, "led_by": User.objects.filter(pk=given["led_by"]).first()},
            "agenda": given["agenda"].splitlines(),
            "staff": given["staff"],
            "family": given.get("family", []),
            "outside": given["outside"].splitlines(),
            "with_student": given["with_student"],
        }


def _new(kind: MeetingKind, student: Student) -> dict[str, Any]:
    return {
        "with_student": student.speaks_for_self,
        "kind": kind.slug,
        "on": clock.today(),
        **_of_kind(kind),
        "minutes": kind.minutes,
    }


def begun_as(kind: MeetingKind, before: MeetingKind, sent: QueryDict) -> QueryDict:
    """What was sent of a new one, as one of another kind: what stands as the kind before has it, this one changes."""
    typed = sent.copy()
    typed["kind"] = kind.slug
    had, has = _of_kind(before), _of_kind(kind)
    for name in ("minutes", "level", "agenda"):
        if typed.get(name, "").splitlines() == had[name].splitlines():
            typed[name] = has[name]
    return typed


def _of_kind(kind: MeetingKind) -> dict[str, str]:
    return {"minutes": str(kind.minutes), "level": kind.level, "agenda": "\n".join(kind.agenda)}


def _stored(meeting: Meeting) -> dict[str, Any]:
    people = list(meeting.attendees.all())
    return {
        **{name: getattr(meeting, name) for name in ("kind", "on", "at", "minutes", "place", "level")},
        "led_by": meeting.led_by_id,
        "agenda": "\n".join(item.title for item in meeting.agenda.all()),
        "staff": [one.user_id for one in people if one.user_id],
        "family": [one.member_id for one in people if one.member_id],
        "outside": "\n".join(one.outside for one in people if one.outside),
        "with_student": any(one.is_student for one in people),
    }


class MinutesForm(EditForm):
    came = forms.TypedMultipleChoiceField(
        label="Who was there", required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        self.items, people = list(meeting.agenda.all()), list(meeting.attendees.all())
        first_time = meeting.minutes_at is None
        initial: dict[str, Any] = {"came": [one.pk for one in people if one.came or first_time]}
        super().__init__(*args, initial=initial, **kwargs)
        self.offer("came", [(one.pk, one.name) for one in people])
        if not people:
            del self.fields["came"]
        for item in self.items:
            self.fields[f"said-{item.pk}"] = text_box(item.title, 8000, required=False)
            self.initial[f"said-{item.pk}"] = item.said
        self.word_plainly()
        self.edits(meeting, *self.items)

    def layout(self) -> Layout:
        return Layout(
            *(["came"] if "came" in self.fields else []),
            *(f"said-{item.pk}" for item in self.items),
            Actions(primary("Save the minutes"), quiet_link("Not now", "back_url")),
        )

    def facts_told(self) -> dict[str, Any]:
        said = {item.pk: self.cleaned_data[f"said-{item.pk}"] for item in self.items}
        return {"said": said, "came": self.cleaned_data.get("came", [])}


class SummaryForm(EditForm):
    words = text_box("What home reads", 4000, rows=6, help_text="In plain words. The minutes stay at school.")
    people = forms.TypedMultipleChoiceField(
        label="Who reads it", coerce=int, widget=forms.CheckboxSelectMultiple
    )
    missing = {"words": "Write what home reads", "people": "Choose who reads it"}
    button = "Share it"
    back = ("Not now", "back_url")

    def __init__(self, *args: Any, meeting: Meeting, links: Sequence[FamilyLink], **kwargs: Any) -> None:
        chosen = meeting.summary_for if meeting.summary_at else [link.member_id for link in links]
        super().__init__(*args, initial={"words": meeting.summary, "people": chosen}, **kwargs)
        self.offer("people", [(link.member_id, link.label) for link in links])
        self.edits(meeting)


class AgreeForm(EditForm):
    what = forms.CharField(label="What will be done", max_length=300)
    owner = forms.TypedChoiceField(label="Who", coerce=int)
    due_on = forms.DateField(label="By", widget=DateBox)
    missing = {"what": "Write what will be done", "owner": "Choose one person", "due_on": "Choose a day"}

    def __init__(self, *args: Any, staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("owner", [("", "Choose one person"), *((user.pk, user.name) for user in staff)])
        self.staff = {user.pk: user for user in staff}

    def layout(self) -> Layout:
        return Layout(
            "what",
            Div("owner", "due_on", css_class="kw-row"),
            Actions(primary("Add it"), quiet_link("Not now", "back_url")),
        )

    def facts_told(self) -> dict[str, Any]:
        given = self.details()
        return {**given, "owner": self.staff[given["owner"]]}


class StandsForm(EditForm):
    """How something stands that somebody is to do by a day: `why` is asked for by `how`, where it needs a reason."""

    why: Mapping[str, str] = {}

    def layout(self) -> Layout:
        return Layout(
            Field("how", wrapper_class="is-even"),
            "note",
            Div("owner", "due_on", css_class="kw-row"),
            Actions(primary("Save"), quiet_link("Not now", "back_url")),
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        how = given.get("how", "")
        if how in self.why and not given.get("note"):
            self.add_error("note", self.why[how])
        return given


DONE, MOVE, DROP = "done", "move", "drop"


class ActionForm(StandsForm):
    how = forms.ChoiceField(
        label="How does it stand?",
        choices=[(DONE, "Done"), (MOVE, "Another day or person"), (DROP, "It will not be done")],
        widget=forms.RadioSelect,
    )
    note = text_box("What came of it, or why not", 300, rows=2, required=False)
    due_on = forms.DateField(label="By", required=False, widget=DateBox)
    owner = forms.TypedChoiceField(label="Who", coerce=int)
    missing = {"how": "Say how it stands"}
    why = {DROP: "Say why it will not be done"}

    def __init__(self, *args: Any, action: Action, staff: Sequence[User], **kwargs: Any) -> None:
        initial = {"due_on": action.due_on, "owner": action.owner_id}
        super().__init__(*args, initial=initial, **kwargs)
        self.staff = {action.owner_id: action.owner, **{user.pk: user for user in staff}}
        self.offer("owner", [(user.pk, user.name) for user in self.staff.values()])

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("how") == MOVE and not given.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "Choose the new day")
        return given
