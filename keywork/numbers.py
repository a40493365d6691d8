"""Whole numbers as text: in words inside a sentence, and the keys and versions of addresses and forms."""

from __future__ import annotations

from . import languages


def number_in(text: str, digits: int = 18) -> int | None:
    """The number that a text of at most so many decimal digits stands for; None for any other text.

    Eighteen digits fit into a key of the database; Python itself refuses to read thousands of them.
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def figures(count: int) -> str:
    """ "4,895"; in other languages, which part thousands otherwise, as it is."""
    return f"{count:,}" if languages.spoken() == languages.ENGLISH else str(count)


def in_words(count: int) -> str:
    """ "no", "one" … "ten", then "4,895"; in other languages than English figures, which need no gender."""
    if languages.spoken() != languages.ENGLISH:
        return str(count)
    return _WORDS[count] if count < len(_WORDS) else figures(count)
