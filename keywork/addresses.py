"""Addresses for pages that hold many of them: each pattern is reversed once a process."""

from __future__ import annotations

from functools import cache

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

fixed = cache(reverse)


class Numbered(str):
    """An address with the place of a number. With nothing but a number put in, no page need escape it."""

    def format(self, *number: object, **named: object) -> SafeString:
        return SafeString(super().format(*number))


@cache
def numbered(name: str, *more: str) -> Numbered:
    """The address of one row with the place of its number, for `format`; `more` is what follows the number in it."""
    found = reverse(name, args=[0, *more])
    if found != escape(found):
        raise ValueError(f"{found} has something to escape.")
    return Numbered(found.replace("/0/", "/{:d}/", 1))
