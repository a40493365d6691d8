"""How I feel today: a face, and what else they like to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from keywork.forms import KeyworkForm
from safety.worry_audience import Audience
from students.people_at_home import AtHome
from tsp.models import Feeling


class FeelingForm(KeyworkForm):
    word = forms.ChoiceField(label="Today I feel", choices=Feeling.Word.choices, widget=forms.RadioSelect)
    words = forms.CharField(label="I want to say more", max_length=200, required=False)
    not_safe = forms.BooleanField(label="I do not feel safe", required=False)
    about_staff = forms.BooleanField(label="It is about an adult who works at school", required=False)
    left_out = forms.TypedMultipleChoiceField(label="Do not show it to", required=False, coerce=int)
    share = forms.TypedMultipleChoiceField(label="Who at home can see it?", required=False, coerce=int)

    def __init__(self, *args: Any, audience: Audience, people: Sequence[AtHome], **kwargs: Any) -> None:
        """`audience`: who sees it when they do not feel safe; `people`: whom at home they may choose."""
        super().__init__(*args, **kwargs)
        self.offer("share", [(one.member_id, one.words) for one in people])
        self.offer("left_out", [(user.pk, user.get_short_name()) for user in audience.everyone])

    missing = {"word": "Choose a face"}
