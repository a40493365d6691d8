"""What a form holds when it opens."""

from __future__ import annotations

import re


def contact_fields(page: str) -> dict[str, str]:
    """Of the page for a new contact: the defaults a keyworker would leave as they are."""
    form = page[page.index('name="reached"') - 4000 :]
    fields = dict(
        re.findall(r'<input type="(?:hidden|date|time|text)" name="(\w+)"[^>]*?value="([^"]*)"', form)
    )
    chosen = re.findall(r'<select name="(\w+)".*?<option value="([^"]*)"[^>]* selected', form, re.S)
    return {**fields, **dict(chosen)}
