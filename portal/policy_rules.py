"""Every parameter of the policy as the school reads it (`fixtures/policy.json`): where it stands, its name, one plain
sentence, its values; and what the presets are called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from care.reviews.heads import HEADS
from contacts.models import HomeContact
from keywork.policy import Policy, plural
from keywork.words import worded

# The answers of a rule that are choices of a model, by the name that the file has for them.
CHOICES: Mapping[str, Mapping[str, Any]] = {
    "topics": {one.value: one.label for one in HomeContact.Topic},
    "ways": {
        one.value: one.label
        for one in HomeContact.Channel
        if one not in (HomeContact.Channel.MEETING, HomeContact.Channel.VIDEO)  # these always count
        and one != HomeContact.Channel.MESSAGE  # as an e-mail does
    },
    "heads": HEADS,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """`words` are values as people say them, `unit` one of what a number counts, `off` what no value is called,
    `parts` the labels of a value that has several."""

    area: str
    label: str
    sentence: str
    words: Mapping[Any, str] = field(default_factory=dict)
    unit: str = ""
    off: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


def _words(given: Any) -> Mapping[Any, str]:
    """As the file has them: the name of some choices, yes and no, or each value with what it is called."""
    if isinstance(given, str):
        return CHOICES[given]
    return {True: given["yes"], False: given["no"]} if given.keys() == {"yes", "no"} else given


_FILE = json.loads((Path(__file__).parent / "fixtures" / "policy.json").read_text(encoding="utf-8"))
RULES: Mapping[str, Rule] = {
    row.pop("name"): Rule(**row | {"words": _words(row.get("words", {}))}) for row in _FILE["rules"]
}
# The schools that the presets are modelled on are not named: what they say is.
PRESETS: Mapping[str, tuple[str, str]] = {
    slug: (name, what) for slug, (name, what) in _FILE["presets"].items()
}
PRESET_CHOICES = [(slug, f"{name}: {what}") for slug, (name, what) in PRESETS.items()]
AREAS = tuple(dict.fromkeys(rule.area for rule in RULES.values()))


def in_words(name: str, value: Any) -> str:
    """A value of this parameter, as it stands on the page: "14 days", "Phone call, Text"."""
    rule = RULES[name]
    if value is None:
        return rule.off or "None"
    if value in ((), ""):
        return "None"
    if is_dataclass(value):
        return "; ".join(_part(rule, value, part.name) for part in fields(value))
    if isinstance(value, tuple):
        said = [worded(rule.words.get(one, str(one).replace("_", " "))) for one in value]
        return f"{', '.join(said)}{' minutes' if rule.unit == 'minute' else ''}"
    if rule.words:
        return worded(rule.words[value]) if value in rule.words else str(value)
    if rule.unit:
        return f"{value} {worded(rule.unit if value == 1 else plural(rule.unit))}"
    return str(value)


def _part(rule: Rule, value: Any, part: str) -> str:
    found = getattr(value, part)
    if isinstance(found, tuple):
        found = ", ".join(rule.words.get(one, one) for one in found)
    return f"{rule.parts[part]}: {found if found not in (None, '') else '–'}"


def own(policy: Policy, preset: Policy) -> set[str]:
    """The parameters in which a school differs from its preset."""
    return {name for name in RULES if getattr(policy, name) != getattr(preset, name)}
