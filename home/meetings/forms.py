"""Offering times, asking for a meeting, and setting its time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms

from keywork import clock
from keywork.forms import Actions, DateBox, KeyworkForm, TimeBox, primary, quiet_link, secondary, text_box
from keywork.words import filled, translated, worded

from ..models import Appointment, How, OfferedTime
from .actions import MOST_AT_ONCE, when_in_words

LENGTHS = [(minutes, f"{minutes} minutes") for minutes in (10, 15, 20, 30, 45, 60)]
NONE_OF_THESE = "none"
WHERE = "A room, or for a video call where its link comes from. Families read it."


class _WhenForm(KeyworkForm):
    on = forms.DateField(label="Day", widget=DateBox)
    at = forms.TimeField(label="From", widget=TimeBox)
    minutes = forms.TypedChoiceField(label="How long", coerce=int, choices=LENGTHS, initial=30)
    how = forms.ChoiceField(label="How", choices=How.choices, widget=forms.RadioSelect, initial="school")
    where = forms.CharField(label="Where", max_length=120, required=False, help_text=WHERE)
    missing = {"on": "Choose the day", "at": "Say from when", "how": "Choose how"}

    def when(self) -> list[Any]:
        return [
            Div("on", "at", "minutes", css_class="kw-row"),
            Field("how", wrapper_class="is-chips"),
            "where",
        ]


class OfferForm(_WhenForm):
    count = forms.TypedChoiceField(
        label="How many, one after the other",
        coerce=int,
        choices=[(number, number) for number in range(1, MOST_AT_ONCE + 1)],
        initial=1,
    )
    student = forms.TypedChoiceField(label="For whom", coerce=int, required=False, empty_value=None)

    def __init__(self, *args: Any, students: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("student", [("", worded("Any of my students")), *students])

    def layout(self) -> Layout:
        return Layout(
            *self.when(), Div("count", "student", css_class="kw-row"), Actions(primary("Offer this"))
        )


class _OfMeeting(KeyworkForm):
    """One of the forms of a page: `do` says which, and `version` what was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    do: str

    def __init__(self, *args: Any, meeting: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{self.do}-%s", **kwargs)
        self.fields["version"].initial = meeting.version

    def told(self) -> dict[str, Any]:
        """Arguments of the action."""
        return self.cleaned_data


class SetTimeForm(_OfMeeting, _WhenForm):
    do = "time"
    words = text_box(
        "Anything to say with it", 1000, rows=2, required=False, help_text="They read it on their page."
    )
    agreed = forms.BooleanField(label="They have agreed to this time already", required=False)

    def __init__(self, *args: Any, meeting: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, meeting=meeting, **kwargs)
        if meeting.is_chat:
            del self.fields["agreed"]

    def layout(self) -> Layout:
        agreed = ["agreed"] if "agreed" in self.fields else []
        return Layout(
            "version", *self.when(), "words", *agreed,
            Actions(primary("Offer this time", name="do", value=self.do)),
        )  # fmt: skip


class WordsForm(_OfMeeting):
    do = "answer"
    words = text_box("Answer in words", 1000, rows=2)
    missing = {"words": "Write an answer, or offer a time"}

    def layout(self) -> Layout:
        return Layout("version", "words", Actions(secondary("Answer", name="do", value=self.do)))


class OffForm(_OfMeeting):
    do = "off"
    words = forms.CharField(label="Why", max_length=300, required=False)

    def layout(self) -> Layout:
        return Layout("version", "words", Actions(secondary("Call it off", name="do", value=self.do)))


class ChooseForm(KeyworkForm):
    """Of a parent, carer or student: one of the times offered, or words where none suits."""

    time = forms.ChoiceField(label="Which time is good for you?", widget=forms.RadioSelect, required=False)
    words = text_box("What is it about, and when is good for you?", 1000, required=False)
    button = "Ask for a meeting"
    needs_words = True

    def __init__(self, *args: Any, times: Sequence[OfferedTime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times = {str(one.pk): one for one in times}
        today = clock.today()
        if self.times:
            choices = [(pk, time_words(one, today)) for pk, one in self.times.items()]
            self.offer("time", [*choices, (NONE_OF_THESE, "None of these")])
        else:
            del self.fields["time"]
        self.helper.show_optional = not self.needs_words  # else one of the two is

    @property
    def chosen(self) -> OfferedTime | None:
        return self.times.get(self.cleaned_data.get("time", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.needs_words:
            return data
        if self.times and not data.get("time") and "time" not in self.errors:
            self.add_error("time", "Choose a time, or “None of these”")
        elif not data.get("words") and not self.chosen and not self.errors:
            self.add_error("words", "Say when is good for you. A few words are enough")
        return data

    def layout(self) -> Layout:
        return Layout(*self.asked(), Actions(primary(self.button), quiet_link("Go back", "back_url")))

    def asked(self) -> list[Any]:
        return [*([Field("time", wrapper_class="is-rows")] if "time" in self.fields else []), "words"]


class MoveForm(_OfMeeting, ChooseForm):
    do = "move"

    def told(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"version": given["version"], "words": given["words"], "offered": self.chosen}

    def layout(self) -> Layout:
        ask = secondary("Ask for another time", name="do", value=self.do)
        return Layout("version", *self.asked(), Actions(ask))


class ChatForm(ChooseForm):
    """Of the student: few words, and nothing is needed."""

    button = "Ask for a chat"
    needs_words = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = "I want to talk about"
        if "time" in self.fields:
            self.fields["time"].label = "When?"


def time_words(one: OfferedTime, today: Any) -> str:
    """ "Tuesday 8 December at 3.15 pm, 30 minutes, at school, room 4, with Ros"."""
    long = filled("{value} minutes", value=one.minutes)
    parts = [when_in_words(one.starts_at, today), long, translated(one.get_how_display()).lower(), one.where]
    return ", ".join(filter(None, [*parts, filled("with {name}", name=one.user.get_short_name())]))
