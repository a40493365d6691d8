"""One's own details, as one would have them; and what school says to it."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Layout
from django import forms

from keywork.forms import Actions, KeyworkForm, primary, secondary, text_box
from keywork.phones import parsed
from students.importing.values import is_no_phone
from students.models import FamilyLink

from .actions import stands


class DetailsForm(KeyworkForm):
    mobile = forms.CharField(label="Mobile", max_length=30, required=False)
    phone = forms.CharField(label="Other phone", max_length=30, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    address = text_box("Address", 500, required=False)
    preferred_channel = forms.ChoiceField(
        label="How is best to reach you?",
        choices=[("", "It does not matter"), *FamilyLink.Channel.choices],
        required=False,
    )
    best_time = forms.CharField(label="When is best?", max_length=120, required=False)
    language = forms.CharField(label="Which language do you speak best?", max_length=60, required=False)
    interpreter = forms.BooleanField(label="I would like an interpreter when we talk", required=False)
    button = "Ask school to change this"
    back = ("Go back", "back_url")

    def __init__(self, *args: Any, link: FamilyLink, **kwargs: Any) -> None:
        self.before = stands(link)
        super().__init__(*args, initial=self.before, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("mobile", "phone"):
            number = given.get(name)
            if number and number != self.before[name] and (parsed(number) is None or is_no_phone(number)):
                self.add_error(name, "Write a whole phone number, like 07700 900321")
        if "address" in given:
            given["address"] = given["address"].replace("\r\n", "\n").strip()
        return given


class DecideForm(KeyworkForm):
    answer = forms.CharField(
        label="If it stays as it is: why", max_length=300, required=False, help_text="They read it."
    )
    link_version = forms.IntegerField(widget=forms.HiddenInput)
    member_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, link: FamilyLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["link_version"].initial = link.version
        self.fields["member_version"].initial = link.member.version

    def layout(self) -> Layout:
        return Layout(
            "link_version", "member_version", "answer",
            Actions(
                primary("Accept all of it", name="do", value="accept"),
                secondary("It stays as it is", name="do", value="refuse"),
            ),
        )  # fmt: skip
