"""What keyworkers write: notes put together from many short sentences, each true of what it is filed under.

Placeholders: {n} the student; {he} {He} {him} {his} {His} {was} by their pronouns; {h} the adult at home;
{it} what the student likes.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import lru_cache

from .texts import texts

PRONOUNS: Mapping[str, Mapping[str, str]] = {
    "F": {"he": "she", "He": "She", "him": "her", "his": "her", "His": "Her", "was": "was"},
    "M": {"he": "he", "He": "He", "him": "him", "his": "his", "His": "His", "was": "was"},
    "T": {"he": "they", "He": "They", "him": "them", "his": "their", "His": "Their", "was": "were"},
}

_TEXTS = texts("log")
OPENINGS: Mapping[str, tuple[str, ...]] = _TEXTS["openings"]

ABOUT: Mapping[str, tuple[str, ...]] = _TEXTS["about"]

ENDINGS = _TEXTS["endings"]

TRIES: Mapping[str, tuple[str, ...]] = _TEXTS["tries"]

SESSION: Mapping[str, tuple[str, ...]] = _TEXTS["session"]

AGREED = _TEXTS["agreed"]
NOT_HELD: Mapping[str, tuple[str, ...]] = _TEXTS["not-held"]
RESTRICTED = _TEXTS["restricted"]
SAFEGUARDING = _TEXTS["safeguarding"]
VOIDED = _TEXTS["voided"]
LATE_REASON = _TEXTS["late-reason"]
SIBLING = _TEXTS["sibling"]

MORE_FOR_HOME = _TEXTS["more-for-home"]
_PRONOUN = re.compile(r"\{([Hh]e|him|[Hh]is)\}(self)?")
# What may be told to home word for word: it names nobody but the student.
GOOD_NEWS = ("going_well", "social_progress", "engagement", "attendance")


def words_for(student_name: str, sex: str, pronouns: str, interest: str, home: str) -> dict[str, str]:
    """The values of the placeholders for one student and one adult."""
    key = "T" if pronouns.startswith("They") else sex
    return {**PRONOUNS[key], "n": student_name, "h": home, "it": interest}


def fill(text: str, words: Mapping[str, str]) -> str:
    return (
        text.format_map(words).replace("themself", "themselves").replace("hisself", "himself")
        if "{" in text
        else text
    )


@lru_cache(maxsize=1024)
def _named(text: str) -> str:
    """The text with its first pronoun made a name, unless the name comes first."""
    found = _PRONOUN.search(text)
    if found is None or (0 <= text.find("{n}") < found.start()):
        return text
    name = "{n}’s" if found[1].lower() == "his" else "{n}"
    return text[: found.start()] + name + text[found.end() :]


def _joined(parts: list[str]) -> str:
    """Sentences in a row: a pronoun never follows somebody else's name, nor opens the note."""
    told = before = ""
    for part in parts:
        if part:
            said = _named(part) if not told or "{h}" in before else part
            told = f"{told} {said}" if told else said
            before = part
    return told


def contact_note(
    rng: random.Random, how: str, topics: list[str], words: Mapping[str, str], length: float
) -> tuple[str, str]:
    """A contact that reached somebody, and the part of it home may see word for word ("" if none).

    `how` is a key of OPENINGS, `length` 0 to 1 how likely a closing sentence is.
    """
    about = [rng.choice(ABOUT[topic]) for topic in topics]
    closing = rng.choice(ENDINGS) if rng.random() < length else ""
    news = next(
        (text for topic, text in zip(topics, about, strict=True) if topic in GOOD_NEWS and "{h}" not in text),
        "",
    )
    return fill(_joined([rng.choice(OPENINGS[how]), *about, closing]), words), fill(_named(news), words)


def session_note(rng: random.Random, topics: list[str], words: Mapping[str, str]) -> str:
    """What was talked about, a sentence for each topic."""
    return fill(_joined([rng.choice(SESSION[topic]) for topic in topics]), words)


def one_of(rng: random.Random, texts: tuple[str, ...], words: Mapping[str, str]) -> str:
    return fill(rng.choice(texts), words)
