"""Keeping a choice of Oversight's filters under a name."""

from __future__ import annotations

from django import forms

from keywork.forms import KeyworkForm


class SaveFilterForm(KeyworkForm):
    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="For example: weekly residential, overdue. Only you see it.",
        widget=forms.TextInput({"class": "kw-input-mid"}),
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=500, required=False)
    missing = {"name": "Write a name for it"}
    button, is_secondary, action = "Keep it", True, "portal:save_filter"
