"""Addresses for pages that hold hundreds of them."""

from __future__ import annotations

from functools import cache

from django.urls import reverse


@cache
def numbered(name: str) -> str:
    """The address of one row with the place of its number, for `format`: reversed once, not for each of hundreds."""
    return reverse(name, args=[0]).replace("/0/", "/{}/")
