"""Finding what was written by typed words, accents and apostrophes aside: `cafe` finds “Café”, `oshea` finds “O’Shea”.

`names.folded` decides which letters are the same. It cannot run in the database, so a typed word becomes a regular
expression in which each letter stands for all that fold to it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .names import folded

# Latin with its marks, Greek and Cyrillic; the Latin of Vietnamese.
_LETTERS = (*range(0xC0, 0x250), *range(0x370, 0x530), *range(0x1E00, 0x1F00))
# What may stand after any letter: an apostrophe, or a mark written as a character of its own.
_BETWEEN = "['’‘ʼʻ`´\u0300-\u036f]*"
_NOT_WORDS = "[^[:alnum:]]+"
AROUND = 60  # characters of an excerpt on either side of what was found


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


def containing(fields: Iterable[str], typed: str) -> Q:
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


class SaidSomewhere(Func):
    """Does a JSON value hold this word in any of its strings, as typed or folded? Keys are not what anybody said."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> Any:
        value, value_params = compiler.compile(self.source_expressions[0])
        (like, like_params), (pattern, pattern_params) = map(compiler.compile, self.source_expressions[1:])
        sql = (
            f"EXISTS (SELECT 1 FROM jsonb_path_query({value}, '$.**') AS part "
            f"WHERE jsonb_typeof(part) = 'string' AND (part #>> '{{}}' ILIKE {like} "
            f"OR part #>> '{{}}' ~ {pattern}))"
        )
        return sql, [*value_params, *like_params, *pattern_params]


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def said_in(field: str, word: str) -> Q:
    """Rows whose JSON holds a word in what somebody said."""
    return Q(SaidSomewhere(F(field), Value(_like(word)), Value(pattern(word) or None, TextField())))


def excerpt(text: str, typed: str) -> SafeString:
    """What stands round the first place of each typed word, every typed word in it in a <mark>; its beginning if none.

    Finds what `containing` finds. Lines are run together; where something is left out stands "…".
    """
    text = " ".join(text.split())
    firsts, places = [], []
    for word in typed.split():
        folds = pattern(word).replace(_NOT_WORDS, r"[\W_]+")
        either = f"(?i:{re.escape(word)})" + (f"|{folds}" if folds else "")
        found = [match.span() for match in re.finditer(either, text)]
        firsts += found[:1]
        places += found
    marked = _merged(places)
    shown = _merged(_whole_words(text, start - AROUND, end + AROUND) for start, end in firsts or [(0, 0)])
    pieces = [
        format_html_join(
            "",
            "{}",
            (
                (format_html("<mark>{}</mark>", text[at:to]) if (at, to) in marked else text[at:to],)
                for at, to in pairwise(
                    [start, *(edge for one in marked if start <= one[0] < end for edge in one), end]
                )
            ),
        )
        for start, end in shown
    ]
    before, after = "… " if shown[0][0] else "", " …" if shown[-1][1] < len(text) else ""
    return format_html("{}{}{}", before, format_html_join(" … ", "{}", ((piece,) for piece in pieces)), after)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """In order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span made shorter to the spaces within it; longer words stay cut."""
    if start > 0:
        start = text.find(" ", start, start + AROUND // 2) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", end - AROUND // 2, end), 0) or end
    return max(start, 0), min(end, len(text))
