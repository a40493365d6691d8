"""Addresses for pages that hold many of them: each pattern is reversed once a process."""

from __future__ import annotations

from functools import cache

from django.urls import reverse

fixed = cache(reverse)


@cache
def numbered(name: str, *more: str) -> str:
    """The address of one row with the place of its number, for `format`; `more` is what follows the number in it."""
    return reverse(name, args=[0, *more]).replace("/0/", "/{}/", 1)
