"""Signing in with a card."""

from __future__ import annotations

from django import forms

from keywork.forms import KeyworkForm

AS_PRINTED = {"autocapitalize": "none", "spellcheck": "false", "autocorrect": "off"}


class CardForm(KeyworkForm):
    username = forms.CharField(
        label="My name on the card",
        max_length=30,
        widget=forms.TextInput({"autocomplete": "username", **AS_PRINTED}),
    )
    code = forms.CharField(
        label="The code on the card",
        max_length=20,
        widget=forms.TextInput({"class": "kw-input-short", "autocomplete": "off", **AS_PRINTED}),
    )
    missing = {"username": "Write the name on your card", "code": "Write the code on your card"}
    button = "Sign in"
    back = ("Another way", "other_way")
