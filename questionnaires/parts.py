"""Changing the parts of a document: slugs of words, order, retiring, new meanings. Pure.

`kept` are the slugs of the published version: records stand on them, so what has one is retired and never taken
away.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .checks import Doc

# Words that say nothing in a slug.
_SMALL = frozenset(
    "a an and are as at be can do for from get i if in is it me my of on or so that the them to when with".split()  # noqa: SIM905
)


class NotThere(LookupError):
    """No such part in this document."""


def fingerprint(part: Any) -> str:
    """Tells whether a part of the document is still what somebody was looking at."""
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


def named(parts: Sequence[Doc], slug: str) -> Doc:
    """Raises NotThere."""
    for part in parts:
        if part["slug"] == slug:
            return part
    raise NotThere(slug)


def item_in(holders: Sequence[Doc], slug: str) -> tuple[Doc, Doc]:
    """The part that holds an item, and the item. Raises NotThere."""
    for holder in holders:
        for item in holder["items"]:
            if item["slug"] == slug:
                return holder, item
    raise NotThere(slug)


def in_use(parts: Sequence[Doc]) -> list[Doc]:
    return [part for part in parts if part.get("active", True)]


def out_of_use(parts: list[Doc], part: Doc, kept: Collection[str]) -> None:
    """Retired; or taken away when nothing stands on it."""
    if part["slug"] in kept:
        part["active"] = False
    else:
        parts.remove(part)


def move(parts: list[Doc], part: Doc, step: int) -> None:
    """One place up (-1) or down (+1) among those in use; at the end nothing changes."""
    beside = in_use(parts)
    if part not in beside:
        return
    place = beside.index(part) + step
    if 0 <= place < len(beside):
        here, there = parts.index(part), parts.index(beside[place])
        parts[here], parts[there] = parts[there], parts[here]


def counted(holders: Sequence[Doc]) -> None:
    """Count every `order` afresh."""
    for place, holder in enumerate(holders, 1):
        holder["order"] = place
        for number, item in enumerate(holder["items"], 1):
            item["order"] = number


def new_meaning(
    items: list[Doc], item: Doc, values: Mapping[str, Any], slug: str, *, equivalent: bool, version: str
) -> None:
    """A new item in place of `item`, which is retired; `equivalent` declares the two interchangeable."""
    item["active"] = False
    new = {**values, "slug": slug, "since_version": version, "active": True}
    if equivalent:
        new["equivalent_to"] = item["slug"]
    items.insert(items.index(item), new)


def heir_of(parts: Sequence[Doc], slug: str) -> Doc | None:
    """What is in use in place of the retired one, if anything."""
    return next((part for part in in_use(parts) if part.get("equivalent_to") == slug), None)


def item_slug(holders: Sequence[Doc], holder: Doc, words: str) -> str:
    """ "comm-ask-help" for the words "I can ask for help" among items whose slugs begin with "comm"."""
    start = holder["items"][0]["slug"].partition("-")[0] if holder["items"] else holder["slug"]
    return unused(f"{start}-{short(words)}", {i["slug"] for one in holders for i in one["items"]})


def short(words: str) -> str:
    """At most three telling words, as a slug."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower().replace("'", "")
    found = re.findall(r"[a-z][a-z0-9]*", plain)
    told = [word for word in found if word not in _SMALL] or found or ["new"]
    return "-".join(told[:3])[:40]


def unused(slug: str, taken: Collection[str]) -> str:
    made, number = slug, 2
    while made in taken:
        made, number = f"{slug}-{number}", number + 1
    return made
