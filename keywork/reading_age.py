"""How old a reader has to be: the Flesch-Kincaid grade, and five years, over sentences of four words and more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pyphen import Pyphen

FAMILIES = 11.0  # years; what families read is for eleven and younger (experience.md)
LONG = 3  # syllables from which a word is long


def reading_age(sentences: Iterable[str]) -> float | None:
    """In years, to a tenth; None where no sentence has four words."""
    words = [found for one in sentences if len(found := words_of(one)) >= 4]
    if not words:
        return None
    every = [word for sentence in words for word in sentence]
    syllables = sum(map(syllables_of, every))
    return round(0.39 * len(every) / len(words) + 11.8 * syllables / len(every) - 15.59 + 5, 1)


def sentences_of(text: str) -> list[str]:
    """Each line is a sentence of its own at least."""
    return [
        part.strip(" .")
        for line in text.splitlines()
        for part in re.split(r"(?<=[.!?])\s", line)
        if part.strip(" .")
    ]


def words_of(sentence: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:['’\-][^\W_]+)*", sentence)


def syllables_of(word: str) -> int:
    """By where it may be hyphenated."""
    return len(_hyphens().positions(word.lower())) + 1


def hardest(text: str) -> tuple[str, list[str]]:
    """The longest sentence, and the words of LONG syllables in it."""
    found = max(sentences_of(text), key=lambda one: len(words_of(one)), default="")
    return found, [word for word in dict.fromkeys(words_of(found)) if syllables_of(word) >= LONG]


@lru_cache(maxsize=1)
def _hyphens() -> Pyphen:
    return Pyphen(lang="en_GB")
