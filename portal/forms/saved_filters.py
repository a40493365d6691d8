"""Keeping a choice of Oversight's filters under a name."""

from __future__ import annotations

from crispy_forms.layout import Field, Layout
from django import forms

from keywork.forms import Actions, KeyworkForm, secondary


class SaveFilterForm(KeyworkForm):
    name = forms.CharField(
        label="Name", max_length=60, help_text="For example: weekly residential, overdue. Only you see it."
    )
    query = forms.CharField(widget=forms.HiddenInput, max_length=500, required=False)
    missing = {"name": "Write a name for it"}

    def layout(self) -> Layout:
        self.__dict__["_helper"].form_action = "portal:save_filter"
        return Layout(Field("name", css_class="kw-input-mid"), "query", Actions(secondary("Keep it")))
