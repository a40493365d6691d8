"""Unique pupil numbers: whether one is well formed, and its check letter.

A UPN has a check letter, a 3-digit local authority code, a 4-digit school number, a 2-digit year and a
3-digit serial; a temporary one ends in two digits and a letter. Local authority codes are not judged: new
ones appear, and closed ones stay on real pupils' records.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from stdnum.gb import upn

Kind = Literal["permanent", "temporary", "invalid_check_letter", "invalid_format"]

_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_BODY = re.compile(rf"[0-9]{{11}}[0-9{_LETTERS}]")


@dataclass(frozen=True, slots=True)
class Upn:
    """``number`` is upper case without spaces; ``right_letter`` is None when the body has no check letter."""

    number: str
    kind: Kind
    right_letter: str | None

    @property
    def is_valid(self) -> bool:
        return self.kind in ("permanent", "temporary")


def check(text: str) -> Upn:
    """Read a UPN as typed or imported. Never raises: what is wrong is said by ``kind``."""
    number = "".join(text.split()).upper()
    body = number[1:]
    if not _BODY.fullmatch(body):
        return Upn(number, "invalid_format", None)
    letter = upn.calc_check_digit(body)
    kind: Kind
    if number[0] not in _LETTERS:
        kind = "invalid_format"
    elif number[0] != letter:
        kind = "invalid_check_letter"
    else:
        kind = "permanent" if body[-1].isdigit() else "temporary"
    return Upn(number, kind, letter)
