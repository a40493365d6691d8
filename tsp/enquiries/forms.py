"""Asking for team input and for a talk: colleagues, people outside, a parent or carer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from keywork.forms import DateBox, KeyworkForm, text_box
from keywork.models import Assignment
from keywork.outside_forms import lasts
from keywork.words import worded
from students.models import FamilyLink

from ..questions.templates import Template


class _AskForm(KeyworkForm):
    """What is asked: areas of the form and a question."""

    areas = forms.MultipleChoiceField(
        label="About which areas", required=False, widget=forms.CheckboxSelectMultiple
    )
    question = text_box("A question", 500, required=False)

    def __init__(self, *args: Any, form: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("areas", [(area.slug, area.title) for area in form.areas])


class ColleaguesForm(_AskForm):
    """Several people at once, of the `colleagues` whom one may ask and who were not asked yet."""

    people = forms.MultipleChoiceField(label="Whom to ask", widget=forms.CheckboxSelectMultiple)
    answer_by = forms.DateField(label="Answer by", widget=DateBox)
    missing = {"people": "Choose whom to ask", "answer_by": "Choose the day to answer by"}
    field_order = ("people", "areas", "question", "answer_by")
    button = "Ask them"
    back = ("Go back", "back")
    shapes = {"people": "is-rows", "areas": "is-chips"}

    def __init__(self, *args: Any, colleagues: Sequence[Assignment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(row.user_id): row.user for row in colleagues}
        names = [
            (str(row.user_id), f"{row.user.name}, {row.get_kind_display().lower()}") for row in colleagues
        ]
        self.offer("people", names)
        self.fields["areas"].help_text = "None chosen: they say themselves which they can comment on."

    def facts(self) -> dict[str, Any]:
        people = [self.colleagues[pk] for pk in self.cleaned_data["people"]]
        return {**self.cleaned_data, "people": people}


class OutsideForm(_AskForm):
    name = forms.CharField(label="Name", max_length=100)
    role = forms.CharField(
        label="Role", max_length=100, help_text="Such as: speech and language therapist, social worker."
    )
    email = forms.EmailField(label="Work e-mail address", max_length=254)
    days = lasts("The link lasts")
    missing = {"name": "Write their name", "role": "Write their role", "email": "Write their e-mail address"}
    field_order = ("name", "role", "email", "areas", "question", "days")
    button = "Send the link"
    back = ("Go back", "back")
    shapes = {"areas": "is-chips", "days": "is-even"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].help_text = "They see these areas, your question and nothing else."
        self.fields["question"].help_text = worded(
            "Do not write the student’s surname or anything of their record."
        )

    def facts(self) -> dict[str, Any]:
        return {**self.cleaned_data, "days": int(self.cleaned_data["days"])}


class HomeForm(KeyworkForm):
    member = forms.ChoiceField(label="Whom to ask", widget=forms.RadioSelect)
    days = lasts("The link lasts")
    missing = {"member": "Choose whom to ask"}
    button = "Send the link"
    back = ("Go back", "back")
    shapes = {"member": "is-rows", "days": "is-even"}

    def __init__(self, *args: Any, links: Sequence[FamilyLink], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(link.member_id): link.member for link in links}
        members = [(str(link.member_id), f"{link.label}, {link.member.email}") for link in links]
        self.offer("member", members)

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"member": self.members[data["member"]], "days": int(data["days"])}
