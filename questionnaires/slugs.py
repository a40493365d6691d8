"""Slugs of the parts of a document: found by them, named by them, made of words. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Sequence
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


def in_use(parts: Sequence[Doc]) -> list[Doc]:
    return [part for part in parts if part.get("active", True)]


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
