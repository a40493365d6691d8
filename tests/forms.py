"""A form as it stands on a page, read as a browser reads it."""

from __future__ import annotations

import re
from html import unescape


def form_of(html: str, holding: str = "") -> dict[str, list[str]]:
    """What a browser would post of a form nobody touched: the first that posts and has `holding` in it."""
    for form in re.findall(r"<form\b.*?</form>", html, re.S):
        if 'method="post"' in form and holding in form:
            return _fields(form)
    raise AssertionError(f"no form that holds {holding!r}")


def _fields(form: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]+>", form):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if told.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if "name" in told and told.get("type") not in ("submit", "file"):
            default = "on" if told.get("type") == "checkbox" else ""
            found.setdefault(told["name"], []).append(unescape(told.get("value", default)))
    for attributes, words in re.findall(r"<textarea ([^>]*)>\n?(.*?)</textarea>", form, re.S):
        found.setdefault(re.search(r'name="([^"]+)"', attributes)[1], []).append(unescape(words))
    for attributes, inner in re.findall(r"<select ([^>]*)>(.*?)</select>", form, re.S):
        chosen = re.findall(r'value="([^"]*)"[^>]* selected', inner)
        if not chosen and " multiple" not in attributes:
            chosen = re.findall(r'<option value="([^"]*)"', inner)[:1]
        found.setdefault(re.search(r'name="([^"]+)"', attributes)[1], []).extend(map(unescape, chosen))
    return found
