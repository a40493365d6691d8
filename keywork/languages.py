"""The languages that families and students read Keywork in, and in which one a page or letter is being written.

Staff read English. A translation that no speaker has read yet is a draft, and says so on every page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

ENGLISH = "en-gb"


class Language(NamedTuple):
    """`name` as its speakers write it; `recorded`: what a school may have written down for it, in small letters;
    `and_before_vowel`: another word for “and”, where there is one."""

    code: str
    name: str
    recorded: frozenset[str]
    is_draft: bool = False
    right_to_left: bool = False
    and_before_vowel: str = ""


LANGUAGES: dict[str, Language] = {
    one.code: one
    for one in (
        Language(ENGLISH, "English", frozenset({"english", "en", "eng"})),
        Language(
            "cy",
            "Cymraeg",
            frozenset({"welsh", "cymraeg", "cy", "cym"}),
            is_draft=True,
            and_before_vowel="ac",
        ),
        Language("pl", "Polski", frozenset({"polish", "polski", "pl", "pol"}), is_draft=True),
    )
}

_spoken: ContextVar[str] = ContextVar("keywork_language", default=ENGLISH)


def spoken() -> str:
    """The language that is being written."""
    return _spoken.get()


@contextmanager
def speaking(code: str) -> Iterator[None]:
    before = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(before)


def code_of(recorded: str) -> str:
    """Of "Polish", "polski", "Polish, some English" or "pl": the first that Keywork speaks; "" of any other."""
    for word in re.findall(r"\w+", recorded.lower()):
        for language in LANGUAGES.values():
            if word in language.recorded:
                return language.code
    return ""


def and_before(text: str, word: str) -> str:
    """`word` for “and”, or the other one before a vowel: Welsh “a Ros”, “ac Ali”. W and Y before a vowel are none."""
    other = LANGUAGES[spoken()].and_before_vowel
    plain = unicodedata.normalize("NFD", text.lower())
    letters = "".join(one for one in plain if one.isalnum())
    return other if other and re.match("[aeiou]|[wy](?![aeiouwy])", letters) else word
