"""Writing an e-mail to home."""

from __future__ import annotations

from typing import Any

from django import forms

from keywork.forms import KeyworkForm
from students.models import FamilyLink


class HomeLetterForm(KeyworkForm):
    person = forms.ChoiceField(label="To")
    words = forms.CharField(
        label="What do you want to say?",
        max_length=5000,
        widget=forms.Textarea({"rows": 8}),
        help_text="It begins with their first name and ends with yours. Leave surnames out: an e-mail may be read on its"
        " way. What is private is better told by phone.",
    )
    missing = {"person": "Choose who it goes to", "words": "Write what you want to say"}
    button = "Send"
    back = ("Go back", "back")

    def __init__(self, *args: Any, links: list[FamilyLink], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.links = {str(link.pk): link for link in links}
        self.offer("person", [(pk, f"{link.label}, {link.member.email}") for pk, link in self.links.items()])

    def facts(self) -> dict[str, Any]:
        return {"link": self.links[self.cleaned_data["person"]], "words": self.cleaned_data["words"]}
