"""What a form holds when it opens, and what is sent."""

from __future__ import annotations

import re
from datetime import date


def contact_fields(page: str) -> dict[str, str]:
    """Of the page for a new contact: the defaults a keyworker would leave as they are."""
    form = page[page.index('name="reached"') - 4000 :]
    fields = dict(
        re.findall(r'<input type="(?:hidden|date|time|text)" name="(\w+)"[^>]*?value="([^"]*)"', form)
    )
    chosen = re.findall(r'<select name="(\w+)".*?<option value="([^"]*)"[^>]* selected', form, re.S)
    return {**fields, **dict(chosen)}


def contact_of(page: str, today: date, notes: str) -> dict[str, str]:
    """The form of that page, filled in: home was spoken with and is told of it."""
    usual = {"direction": "out", "level": "general", "happened_on": today.isoformat()}
    said = {"reached": "spoke", "notes": notes, "topics": "going_well", "share": "on"}
    return {**usual, **contact_fields(page), **said}
