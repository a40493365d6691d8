"""What the core team puts right where they see that it is wrong: a number, and what to read first."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.editing import EditForm
from keywork.phones import parsed

from ..models import FamilyLink, Student


class ReadFirstForm(EditForm):
    read_first = forms.CharField(
        label="Read first",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What anyone must know before they ring or meet. It stands on top of the record and on Today.",
    )
    button = "Save"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, initial={"read_first": student.read_first}, **kwargs)
        self.edits(student)


class NumberForm(EditForm):
    mobile = forms.CharField(label="Mobile", max_length=30, required=False)
    phone = forms.CharField(label="Other phone", max_length=30, required=False)
    best_time = forms.CharField(
        label="Best time to ring", max_length=120, required=False, help_text="As they said it: after 4 pm."
    )
    button = "Save"
    back = ("Back", "back_url")

    def __init__(self, *args: Any, link: FamilyLink, **kwargs: Any) -> None:
        member = link.member
        self.before = {"mobile": member.mobile, "phone": member.phone}
        super().__init__(*args, initial={**self.before, "best_time": link.best_time}, **kwargs)
        self.edits(link, member)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name, before in self.before.items():
            number = given.get(name)
            if number and number != before and parsed(number) is None:
                self.add_error(name, "Write a whole phone number, like 07700 900321")
        return given
