"""What people of the invented school say and are called: a JSON file a subject in `texts/`, so that words are no code.

Placeholders: {n} the student; {he} {He} {him} {his} {His} {was} by their pronouns; {h} the adult at home;
{it} what the student likes; {kw} the keyworker's first name. A pronoun never stands before the name it stands for.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any


def texts(name: str) -> dict[str, Any]:
    """Everything in one file; its lists are tuples, as nobody may add to them."""
    found = json.loads((Path(__file__).parent / "texts" / f"{name}.json").read_text("utf-8"))
    return {key: _fixed(value) for key, value in found.items()}


def _fixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fixed(one) for key, one in value.items()}
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


PRONOUNS: Mapping[str, Mapping[str, str]] = texts("log")["pronouns"]
# Forenames; and surnames, of which two halves make one, so that it is nobody's in particular.
NAMES = texts("names")
_PRONOUN = re.compile(r"\{([Hh]e|him|[Hh]is)\}(self)?")


def words_for(student_name: str, sex: str, pronouns: str, interest: str, home: str) -> dict[str, str]:
    """The values of the placeholders for one student and one adult."""
    key = "T" if pronouns.startswith("They") else sex
    return {**PRONOUNS[key], "n": student_name, "h": home, "it": interest}


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
    for part in filter(None, parts):
        said = named(part) if not told or "{h}" in before else part
        told, before = f"{told} {said}".strip(), part
    return told


def capitals(text: str) -> str:
    """Every sentence begins with a capital, whatever was put at its start."""
    made = text[:1].upper() + text[1:]
    for mark in (". ", "? ", "! ", ": “"):
        if mark in made:
            made = mark.join(part[:1].upper() + part[1:] for part in made.split(mark))
    return made


class Names:
    """Draws names; no two it gives are the same, and none is in `taken`."""

    def __init__(self, rng: Random, taken: set[str]) -> None:
        self._rng, self._taken = rng, set(taken)

    def fresh(self, *lists: str) -> tuple[str, str]:
        """A forename of these lists and a surname that together nobody has yet."""
        while True:
            halves = (self._rng.choice(NAMES[half]) for half in ("first-halves", "second-halves"))
            found = (self._rng.choice([name for one in lists for name in NAMES[one]]), "-".join(halves))
            if " ".join(found) not in self._taken:
                self._taken.add(" ".join(found))
                return found


def address_part(name: str) -> str:
    """ "Aoife Ní Dhomhnaill" as "aoife.ni-dhomhnaill", for the part before the @."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
    first, _, rest = plain.encode("ascii", "ignore").decode().lower().partition(" ")
    parts = (re.sub(r"[^a-z0-9]+", "-", part).strip("-") for part in (first, rest))
    return ".".join(filter(None, parts))
