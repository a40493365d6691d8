"""Around a sheet: beginning it, saying they would rather not, crossing it out, adding a picture or recording."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork import clock
from keywork.forms import Actions, DateBox, KeyworkForm, primary, quiet_link, text_box
from keywork.models import User
from keywork.words import worded_lazy
from questionnaires.fields import Field as Question
from students.models import FamilyLink, Student

from ..questions.templates import Audience
from .agreed import Agreed


class _OfADay(KeyworkForm):
    happened_on = forms.DateField(label="When", widget=DateBox)
    missing = {"happened_on": "Write the day"}
    button = "Begin"
    back = ("Back", "back_url")
    shapes = {"member": "is-rows", "students": "is-rows"}


class ConversationForm(_OfADay):
    member = forms.ChoiceField(label="Who are you speaking with?", widget=forms.RadioSelect)
    field_order = ("member", "happened_on")
    missing = {"member": "Choose whom you speak with", "happened_on": "Write the day"}

    def __init__(self, *args: Any, links: Sequence[FamilyLink], **kwargs: Any) -> None:
        super().__init__(*args, initial={"happened_on": clock.today()}, **kwargs)
        self.members = {str(link.member_id): link.member for link in links}
        self.offer("member", [(str(link.member_id), link.label) for link in links])


class DeclineForm(KeyworkForm):
    """`links` to those at home who may have been asked; None where it is the student who would rather not."""

    member = forms.ChoiceField(label="Who was asked?", widget=forms.RadioSelect)
    words = text_box(
        "In their words",
        300,
        rows=2,
        required=False,
        help_text="What they said, if they said why. Nobody has to give a reason.",
    )
    missing = {"member": "Choose whom you asked"}
    button = "Write it down"
    back = ("Back", "back_url")
    shapes = {"member": "is-rows"}

    def __init__(self, *args: Any, links: Sequence[FamilyLink] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(link.member_id): link.member for link in links or ()}
        self.offer("member", [(str(link.member_id), link.label) for link in links or ()])
        if links is None:
            del self.fields["member"]


class RestorativeForm(_OfADay):
    """Who took part: only students about whom this person may write such a record are offered."""

    students = forms.MultipleChoiceField(
        label="Whose record is it?",
        widget=forms.CheckboxSelectMultiple,
        help_text=worded_lazy(
            "Each student gets a record of their own, read by that student’s core team alone."
        ),
    )
    field_order = ("students", "happened_on")
    missing = {"students": worded_lazy("Choose at least one student"), "happened_on": "Write the day"}

    def __init__(self, *args: Any, students: Sequence[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(student.pk): student for student in students}
        self.offer("students", [(str(student.pk), student.name) for student in students])

    def chosen(self) -> list[Student]:
        return [self.known[pk] for pk in self.cleaned_data["students"]]


class AskPartForm(KeyworkForm):
    """Another student's keyworker or mentor: a colleague, never a list of students whom the asker may not know."""

    asked = forms.TypedChoiceField(label="Who keyworks or mentors them", coerce=int)
    whom = forms.CharField(
        label=worded_lazy("Which student of theirs, by first name"),
        max_length=60,
        help_text=worded_lazy(
            "They read this and the day. Whose record this is, and what is in it, they do not read."
        ),
    )
    due_on = forms.DateField(label="Answer by", widget=DateBox)
    missing = {
        "asked": "Choose a colleague",
        "whom": worded_lazy("Write the student’s first name"),
        "due_on": "Choose a day",
    }
    button = "Ask them"
    back = ("Not now", "back_url")

    def __init__(self, *args: Any, staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = {user.pk: user for user in staff}
        self.offer("asked", [("", "Choose a colleague"), *((user.pk, user.name) for user in staff)])


class TakeAgreedForm(KeyworkForm):
    """Each line that the record says was agreed: whether somebody has it on their Today, who, and by when."""

    def __init__(self, *args: Any, lines: Sequence[Agreed], staff: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.staff = lines, {user.pk: user for user in staff}
        for one in lines:
            owner = one.owner(staff)
            take, who, due = (f"{name}-{one.key}" for name in ("take", "owner", "due"))
            self.fields[take] = forms.BooleanField(
                # Somebody outside the staff keeps no list here; an adult may see to it all the same.
                label=one.words,
                required=False,
                initial=owner is not None or not one.who,
                help_text=one.written,
            )
            is_asked = not self.is_bound or take in self.data
            self.fields[who] = forms.TypedChoiceField(label="Who", coerce=int, required=is_asked)
            self.offer(who, [("", "Choose one person"), *((user.pk, user.name) for user in staff)])
            self.fields[due] = forms.DateField(label="By", required=is_asked, widget=DateBox)
            self.missing = {**self.missing, who: "Choose one person", due: "Choose a day"}
            self.initial.update({who: owner.pk if owner else "", due: one.due_on})
        self.word_plainly()

    def layout(self) -> Layout:
        lines = [
            Div(
                f"take-{one.key}",
                Div(f"owner-{one.key}", f"due-{one.key}", css_class="kw-row"),
                css_class="kw-stack is-tight",
            )
            for one in self.lines
        ]
        return Layout(*lines, Actions(primary("Add what is ticked"), quiet_link("Not now", "back_url")))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for one in self.lines:
            due = given.get(f"due-{one.key}")
            if given.get(f"take-{one.key}") and due is not None and due < clock.today():
                self.add_error(f"due-{one.key}", "Choose today or a later day")
        return given

    @property
    def chosen(self) -> dict[str, tuple[User, date]]:
        given = self.cleaned_data
        return {
            one.key: (self.staff[given[f"owner-{one.key}"]], given[f"due-{one.key}"])
            for one in self.lines
            if given[f"take-{one.key}"]
        }


NOBODY = "nobody"


class TakePartForm(KeyworkForm):
    """Whose record is begun, of one's own students; or why of none."""

    student = forms.ChoiceField(label="Who took part?", widget=forms.RadioSelect)
    words = text_box(
        "Why nobody of yours, if so",
        300,
        rows=2,
        required=False,
        help_text=worded_lazy("The colleague who asks reads it. Do not write here what happened."),
    )
    missing = {"student": "Choose who took part"}
    button = "Answer"
    back = ("Not now", "back_url")
    shapes = {"student": "is-rows"}

    def __init__(self, *args: Any, students: Sequence[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(student.pk): student for student in students}
        names = [(str(student.pk), student.name) for student in students]
        self.offer("student", [*names, (NOBODY, worded_lazy("No student of mine"))])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("student") == NOBODY and not data.get("words", "").strip():
            self.add_error("words", "Say why nobody of yours takes part")
        return data


class AttachForm(KeyworkForm):
    """A drawing, photo or recording, from a file or straight from the phone. Without script too."""

    field = forms.ChoiceField(label="Which question is it for?")
    picture = forms.FileField(
        label="A drawing or photo",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
        help_text="Take one, or choose one. The place it was taken is not kept.",
    )
    sound = forms.FileField(
        label="A recording",
        required=False,
        widget=forms.FileInput(attrs={"accept": "audio/*", "capture": True}),
        help_text="Speak, or choose a recording. Up to 15 MB.",
    )
    button = "Add it"

    def __init__(self, *args: Any, questions: Sequence[Question], audience: Audience, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("field", [(one.slug, one.wording(audience)) for one in questions])
        self.helper.show_optional = False
        self.helper.attrs["enctype"] = "multipart/form-data"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("picture") and not given.get("sound") and not self.errors:
            self.add_error("picture", "Choose a picture or a recording")
        return given
