"""Passwords that are easy to guess are refused, in words."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from . import school

STRONG = 4  # zxcvbn's highest score: more than 10 ** 10 guesses
READ = 72  # zxcvbn reads no more letters than these


class GuessablePasswordValidator:
    """Refuses what a guesser tries first: common passwords, repetitions, one's own name, the school's.

    What somebody who knows the person or the school would try adds nothing, so it is taken out before the rest is
    judged.
    """

    def validate(self, password: str, user: Any = None) -> None:
        rest = password
        for word in sorted(_known_words(user), key=len, reverse=True):
            rest = re.sub(re.escape(word), " ", rest, flags=re.IGNORECASE)
        if zxcvbn(rest[:READ] or " ")["score"] < STRONG:
            raise ValidationError(
                "This password is easy to guess. Choose three or four words that do not belong together, "
                "without your name or the school’s",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "No common password, and neither your name nor the school’s."


def _known_words(user: Any) -> set[str]:
    """The words of the person's name and address, and of the school's name, of three letters and more."""
    told = ["keywork"]
    if user is not None:
        told += [user.name, user.email]
    with suppress(school.SchoolNotSetUp):
        told.append(school.load().name)
    return {word for text in told for word in re.findall(r"\w{3,}", text)}
