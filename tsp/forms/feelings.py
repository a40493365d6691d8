"""How I feel today: a face, and what else they like to say."""

from __future__ import annotations

from django import forms

from keywork.forms import KeyworkForm

from ..models import Feeling


class FeelingForm(KeyworkForm):
    word = forms.ChoiceField(label="Today I feel", choices=Feeling.Word.choices, widget=forms.RadioSelect)
    words = forms.CharField(label="I want to say more", max_length=200, required=False)
    not_safe = forms.BooleanField(label="I do not feel safe", required=False)
    share = forms.BooleanField(label="Home may see it", required=False)
    missing = {"word": "Choose a face"}
