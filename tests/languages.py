"""A language that nobody speaks, for tests: every message stands in ⟦ ⟧, read from right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import polib
from django.test import override_settings
from django.utils.translation import trans_real

from keywork import dates, languages
from keywork.marking import READ_OUT
from portal import catalogue

CODE = "en-xr"
PLACES = re.compile(r"\{\w*\}|</?\w+>|%\(\w+\)[sd]")
UNREAD = frozenset({"script", "style", "textarea"})


def bracketed(text: str) -> str:
    return f"⟦{text}⟧"


def made(folder: Path) -> Path:
    """Its catalogue, of every message that is collected."""
    catalog = polib.POFile()
    catalog.metadata = {
        "Content-Type": "text/plain; charset=utf-8",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for message in catalogue.collected().values():
        entry = polib.POEntry(msgid=message.text, msgstr=bracketed(message.text))
        if message.plural:
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {0: bracketed(message.text), 1: bracketed(message.plural)}
        catalog.append(entry)
    place = folder / "en_XR" / "LC_MESSAGES"
    place.mkdir(parents=True, exist_ok=True)
    catalog.save_as_mofile(str(place / "django.mo"))
    return folder


@contextmanager
def spoken(folder: Path) -> Iterator[str]:
    """Within it there is that language."""
    language = languages.Language(CODE, "⟦name⟧", frozenset(), is_draft=True, right_to_left=True)
    english = dates.WORDS[languages.ENGLISH]
    names = {key: [bracketed(one) for one in english[key]] for key in ("halves", "weekdays", "months")}
    with (
        patch.dict(languages.LANGUAGES, {CODE: language}),
        patch.dict(dates.WORDS, {CODE: {**english, **names}}),
        override_settings(
            LANGUAGES=[(code, code) for code in languages.LANGUAGES] + [(CODE, CODE)],
            LANGUAGES_BIDI=[CODE],
            LOCALE_PATHS=[str(made(folder))],
        ),
    ):
        trans_real._translations.pop(CODE, None)
        try:
            yield CODE
        finally:
            trans_real._translations.pop(CODE, None)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.depth = 0
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in READ_OUT and value:
                self.found += self._outside(value, 0)[0]
        if tag not in ("br", "img", "input", "link", "meta", "hr", "circle", "path", "rect", "line"):
            self.open.append((tag, ("lang", "en-GB") in attrs or tag in UNREAD))

    handle_startendtag = lambda self, tag, attrs: None  # noqa: E731

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        outside, self.depth = self._outside(data, self.depth)
        if not any(skipped for _, skipped in self.open):
            self.found += outside

    @staticmethod
    def _outside(text, depth):
        outside = []
        for piece in re.split("([⟦⟧])", text):
            if piece in "⟦⟧" and piece:
                depth += 1 if piece == "⟦" else -1
            elif depth <= 0 and re.search(r"[^\W\d_]{2,}", piece):
                outside.append(" ".join(piece.split()))
        return outside, depth


def outside(html: str) -> list[str]:
    """What is read on a page, or read out, and stands in no message."""
    reader = _Text()
    reader.feed(html)
    return list(dict.fromkeys(reader.found))
