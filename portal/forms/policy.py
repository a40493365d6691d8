"""The form of one rule of the policy: built from what kind of value it takes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from django import forms

from keywork.forms import DateBox, text_box
from keywork.policy import Policy
from keywork.words import worded

from ..policy_rules import PRESET_CHOICES, RULES, Rule
from .calendar import BesideForm


class _Dated(BesideForm):
    """What both forms ask beside the value itself."""

    effective_on = forms.DateField(label="In force from", widget=DateBox())
    reason = forms.CharField(label="Why", max_length=300, required=False)
    body: tuple[str, ...] = ()
    effect = "portal/_policy_effect.html"

    def pieces(self) -> tuple[str, ...]:
        return (*self.body, "effective_on", "reason")


class RuleForm(_Dated):
    """A new value for one parameter. `value()` is what was given, in plain values."""

    def __init__(self, data: Any, *, name: str, now: Any, starts_on: date) -> None:
        super().__init__(data, initial={"effective_on": starts_on})
        self.name, self.rule = name, RULES[name]
        hint = get_type_hints(Policy)[name]
        self.may_be_off = get_origin(hint) is UnionType or type(None) in get_args(hint)
        if self.may_be_off:
            hint = next(arm for arm in get_args(hint) if arm is not type(None))
        self.hint = hint
        if is_dataclass(hint):
            self._add_parts(hint, now)
        else:
            self.fields["value"] = _field(self.rule, hint, "New value", not self.may_be_off)
            self.initial["value"] = _shown(now, self.fields["value"])
            self.body = ("value",)
        if self.may_be_off:
            words = self.rule.off or "None"
            self.fields["off"] = forms.BooleanField(label=words, required=False, initial=now is None)
            self.body = (*self.body, "off")
        self.never_optional(*self.body)
        self.word_plainly()

    def _add_parts(self, kind: Any, now: Any) -> None:
        hints = get_type_hints(kind)
        for part in fields(kind):
            hint = hints[part.name]
            optional = type(None) in get_args(hint)
            if optional:
                hint = next(arm for arm in get_args(hint) if arm is not type(None))
            needed = hint is int and not self.may_be_off
            name = f"part-{part.name}"
            self.fields[name] = _field(self.rule, hint, self.rule.parts[part.name], needed)
            shown = getattr(now, part.name) if now is not None else None
            self.initial[name] = _shown(shown, self.fields[name])
            self.body = (*self.body, name)

    def value(self) -> Any:
        """What was given, as plain values of the policy's own kinds."""
        given = self.cleaned_data
        if given.get("off"):
            return None
        if not is_dataclass(self.hint):
            return _plain(given["value"], self.hint)
        hints = get_type_hints(self.hint)
        parts = {part.name: given[f"part-{part.name}"] for part in fields(self.hint)}
        found = {name: _plain(value, hints[name]) for name, value in parts.items()}
        # What is left empty takes its own default, or is nothing where it may be.
        return {
            name: (None if type(None) in get_args(hints[name]) else value) if value == "" else value
            for name, value in found.items()
            if value is not None
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        empty = "value" in given and given["value"] in (None, "") and self.hint is int
        if empty and not given.get("off"):
            self.add_error("value", f"Write a number, or tick “{self.rule.off or 'None'}”")
        return given


class PresetForm(_Dated):
    preset = forms.ChoiceField(label="Preset", widget=forms.RadioSelect)
    body = ("preset",)

    def __init__(self, data: Any, *, now: str, starts_on: date) -> None:
        super().__init__(data, initial={"effective_on": starts_on, "preset": now})
        self.offer("preset", [(slug, worded(label)) for slug, label in PRESET_CHOICES])


def _field(rule: Rule, hint: Any, label: str, required: bool) -> forms.Field:
    if hint is bool:
        choices = [(str(value), worded(words)) for value, words in rule.words.items()]
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
    if get_origin(hint) is Literal:
        choices = [(value, worded(rule.words.get(value, value))) for value in get_args(hint)]
        return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=required)
    if hint is int:
        box = forms.NumberInput({"class": "kw-input-short"})
        return forms.IntegerField(label=label, required=required, min_value=0, max_value=9999, widget=box)
    if hint is str:
        return forms.CharField(label=label, max_length=100, required=False)
    if rule.words and label not in ("After school, from and to (like 15:15)",):
        choices = [(value, worded(words)) for value, words in rule.words.items()]
        return forms.MultipleChoiceField(
            label=label, choices=choices, widget=forms.CheckboxSelectMultiple, required=False
        )
    return text_box(label, 500, required=False, help_text="One a line.")


def _shown(value: Any, field: forms.Field) -> Any:
    """A value as its field begins with it."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, tuple):
        is_choice = isinstance(field, forms.MultipleChoiceField)
        return list(value) if is_choice else "\n".join(str(one) for one in value)
    return value


def _plain(value: Any, hint: Any) -> Any:
    if hint is bool:
        return value == "True"
    if get_origin(hint) is tuple:
        if isinstance(value, list):
            return value
        lines = [line.strip() for line in (value or "").splitlines() if line.strip()]
        return [_number(line) for line in lines] if get_args(hint)[0] is int else lines
    return value


def _number(line: str) -> Any:
    return int(line) if line.isascii() and line.isdigit() else line
