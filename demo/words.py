"""Sentences put together: placeholders filled in, and a pronoun never before the name it stands for.

Placeholders: {n} the student; {he} {He} {him} {his} {His} {was} by their pronouns; {h} the adult at home;
{it} what the student likes; {kw} the keyworker's first name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from .texts import texts

if TYPE_CHECKING:
    from .people import Student

PRONOUNS: Mapping[str, Mapping[str, str]] = texts("log")["pronouns"]
_PRONOUN = re.compile(r"\{([Hh]e|him|[Hh]is)\}(self)?")


def words_for(student_name: str, sex: str, pronouns: str, interest: str, home: str) -> dict[str, str]:
    """The values of the placeholders for one student and one adult."""
    key = "T" if pronouns.startswith("They") else sex
    return {**PRONOUNS[key], "n": student_name, "h": home, "it": interest}


def words_of(student: Student, home: str) -> dict[str, str]:
    values = student.values
    return words_for(student.known_as, values["sex"], values.get("pronouns", ""), student.interest, home)


def fill(text: str, words: Mapping[str, str]) -> str:
    if "{" not in text:
        return text
    return text.format_map(words).replace("themself", "themselves").replace("hisself", "himself")


@lru_cache(maxsize=1024)
def named(text: str) -> str:
    """The text with its first pronoun made a name, unless the name comes first."""
    found = _PRONOUN.search(text)
    if found is None or (0 <= text.find("{n}") < found.start()):
        return text
    name = "{n}’s" if found[1].lower() == "his" else "{n}"
    return text[: found.start()] + name + text[found.end() :]


def joined(parts: Sequence[str]) -> str:
    """Sentences in a row: a pronoun never follows somebody else's name, nor opens the note."""
    told = before = ""
    for part in parts:
        if part:
            said = named(part) if not told or "{h}" in before else part
            told, before = f"{told} {said}" if told else said, part
    return told
