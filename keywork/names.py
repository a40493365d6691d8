"""How names are kept, compared and put in order: each by one function, whatever database lies underneath."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

import pyuca
from anyascii import anyascii
from django.db import models

# Marks that turn the direction of writing: invisible, and able to show a name other than the one kept.
BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
# Invisible, but part of how Persian, Indian scripts and emoji are written.
_JOINERS = "\u200c\u200d"
# Nothing to look at when they stand alone: joiners, fillers, an empty Braille cell, marks that only change others.
_UNSEEN = (
    _JOINERS + "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0 " + "".join(map(chr, range(0xFE00, 0xFE10)))
)
# Flags of nations, as Wales: a black flag, then the letters of the nation and an end in signs that nobody sees.
_NATIONS_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
# All of emoji: those newer than Python's own table are not printable by it.
_EMOJI = range(0x1F000, 0x1FB00)
_APOSTROPHES = re.compile(r"['’‘ʼʻ`´]")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
LONGEST_ORDER = 800  # characters; an index entry of Postgres holds 2,700 bytes


def one_line(text: str) -> str:
    """Text of a one-line field: composed letters (NFC), no line breaks, control or direction marks, single spaces.

    "" where nothing of it can be seen.
    """
    text = unicodedata.normalize("NFC", text).translate(BIDI)
    flags = {at for flag in _NATIONS_FLAG.finditer(text) for at in range(*flag.span())}
    text = "".join(c if _is_shown(c) or at in flags else " " for at, c in enumerate(text))
    text = " ".join(text.split())
    return text if text.strip(_UNSEEN) else ""


def _is_shown(sign: str) -> bool:
    return sign.isprintable() or sign in _JOINERS or ord(sign) in _EMOJI


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: no words, or invisible marks alone."""
    return not one_line(text)


def folded(text: str) -> str:
    """Plain small letters and digits in single spaces, for comparing and finding: "D’Arcy-Ó Hara" is "darcy o hara".

    Accents and apostrophes go, hyphens become spaces, other scripts are spelt in Latin letters.
    """
    plain = anyascii(_APOSTROPHES.sub("", unicodedata.normalize("NFC", text)))
    return " ".join(_NOT_WORDS.sub(" ", plain.lower()).split())


def same_name(text: str) -> str:
    """What two spellings of one name share: `folded` without spaces, so that O’Shea, O Shea and OShea are one."""
    return folded(text).replace(" ", "")


def ended(text: str) -> str:
    """A name or what somebody wrote as the end of a sentence: with a full stop, unless it ends in one ("Mo.")."""
    text = text.rstrip()
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def in_order(*names: str) -> str:
    """The key by which names are sorted, surname first: Unicode collation (DUCET), as text that any database sorts alike.

    Names that are empty are passed over, so someone with one name stands under that.
    """
    text = "\t".join(_APOSTROPHES.sub("", name) for name in names if name)
    return "".join(f"{weight:04x}" for weight in _collator().sort_key(text))[:LONGEST_ORDER]


@cache
def _collator() -> pyuca.Collator:
    """Reading its table takes a third of a second, so it is read once and only when needed."""
    return pyuca.Collator()


class _KeptKey(models.Field):
    """A column made of a row's names: whatever is saved or made in bulk, `name_keys()` says what stands in it."""

    def pre_save(self, row: Any, add: bool) -> str:
        value = row.name_keys()[self.attname]
        setattr(row, self.attname, value)
        return value

    def deconstruct(self) -> tuple[Any, ...]:
        name, _, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{type(self).__mro__[2].__name__}", args, kwargs


class OrderKey(_KeptKey, models.CharField):
    pass


class FoundBy(_KeptKey, models.TextField):
    pass


class KeepsNameKeys:
    """For a model with names: saving a name saves the keys made of it.

    The model gives `name_fields` and `name_keys()`, field to value. `bulk_update` is told of them by its caller.
    """

    name_fields: tuple[str, ...]

    def name_keys(self) -> dict[str, str]:
        raise NotImplementedError

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields is not None and set(self.name_fields) & set(update_fields):
            update_fields = [*update_fields, *self.name_keys()]
        super().save(*args, update_fields=update_fields, **kwargs)  # type: ignore[misc]  # of the model it stands before
