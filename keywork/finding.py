"""Finding what was written by typed words, accents and apostrophes aside: `cafe` finds “Café”, `oshea` finds “O’Shea”.

`names.folded` decides which letters are the same. It cannot run in the database, so a typed word becomes a regular
expression in which each letter stands for all that fold to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from django.db.models import Q

from .names import folded

# Latin with its marks, Greek and Cyrillic; the Latin of Vietnamese.
_LETTERS = (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x1F00))
# What may stand after any letter: an apostrophe, or a mark written as a character of its own.
_BETWEEN = "['’‘ʼʻ`´\u0300-\u036f]*"
_NOT_WORDS = "[^[:alnum:]]+"


@cache
def _same() -> Mapping[str, str]:
    """What `folded` gives, one letter or two, to the characters it gives that for."""
    found: dict[str, list[str]] = defaultdict(list)
    for number in _LETTERS:
        plain = folded(chr(number))
        if 1 <= len(plain) <= 2 and " " not in plain:
            found[plain].append(chr(number))
    return {plain: "".join(characters) for plain, characters in found.items()}


def _letter(letter: str) -> str:
    return f"[{letter}{letter.upper() if letter.isalpha() else ''}{_same().get(letter, '')}]{_BETWEEN}"


def pattern(word: str) -> str:
    """The regular expression (of Postgres, minding case) of a word; empty where nothing of it is a letter or digit."""
    return _NOT_WORDS.join(_of_plain(plain) for plain in folded(word).split())


def _of_plain(plain: str) -> str:
    parts, at = [], 0
    while at < len(plain):
        two = plain[at : at + 2]
        as_one = _same().get(two, "") if len(two) == 2 else ""
        if as_one:
            parts.append(f"(?:{_letter(two[0])}{_letter(two[1])}|[{as_one}]{_BETWEEN})")
        else:
            parts.append(_letter(two[0]))
        at += 2 if as_one else 1
    return "".join(parts)


def saying(fields: Iterable[str], typed: str) -> Q:
    """Rows that hold every word of `typed`, each in one of these fields; without words, all."""
    fields, every = tuple(fields), Q()
    for word in typed.split():
        found, folds = Q(), pattern(word)
        for field in fields:
            found |= Q(**{f"{field}__icontains": word})
            if folds:
                found |= Q(**{f"{field}__regex": folds})
        every &= found
    return every
