"""Pieces of a check of a document, each naming what is wrong by its path, such as `areas[3].items[0].statement`; and
slugs, by which parts are found, named and made of words. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from keywork.errors import Refused

Doc = dict[str, Any]
MOST_PROBLEMS = 50
WORDING, TITLE, SENTENCE = 300, 120, 500  # longest texts, in characters

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class Problem(NamedTuple):
    """What is wrong and where: `path` within the document, "" for the whole of it."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class NotATemplate(Refused):
    """A file or document that cannot be taken; `problems` says why, at most MOST_PROBLEMS of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems

    def each(self) -> list[Refused]:
        return [Refused("This file cannot be taken: see below what is wrong with it", "file")]


Problems = Iterator[Problem]
Check = Callable[[Any, str], Problems]


def first(found: Iterable[Problem]) -> list[Problem]:
    """At most MOST_PROBLEMS of them; the rest is not even looked for."""
    listed: list[Problem] = []
    for problem in found:
        listed.append(problem)
        if len(listed) == MOST_PROBLEMS:
            break
    return listed


def text(value: Any, path: str, *, most: int) -> Problems:
    if not isinstance(value, str):
        yield Problem(path, "must be text")
    elif not value.strip():
        yield Problem(path, "is empty")
    elif len(value) > most:
        yield Problem(path, f"is longer than {most} characters")
    elif any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in value):
        yield Problem(path, "holds a character that cannot be shown, perhaps a line break")


def text_or_none(value: Any, path: str, *, most: int) -> Problems:
    if value is not None:
        yield from text(value, path, most=most)


def slug(value: Any, path: str) -> Problems:
    if not isinstance(value, str) or len(value) > 60 or not _SLUG.fullmatch(value):
        yield Problem(path, "must be a slug: small letters and digits with hyphens between")


def flag(value: Any, path: str) -> Problems:
    if not isinstance(value, bool):
        yield Problem(path, "must be true or false")


def number(value: Any, path: str, *, least: int, most: int) -> Problems:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        yield Problem(path, f"must be a whole number from {least} to {most}")


def one_of(value: Any, path: str, *, allowed: frozenset[str]) -> Problems:
    if not isinstance(value, str) or value not in allowed:
        yield Problem(path, f"must be one of {', '.join(sorted(allowed))}")


def list_of(value: Any, path: str, *, of: Check, least: int = 0, most: int) -> Problems:
    if not isinstance(value, list):
        yield Problem(path, "must be a list")
    elif not least <= len(value) <= most:
        yield Problem(
            path,
            f"must have {least} entries" if least == most else f"must have from {least} to {most} entries",
        )
    else:
        for place, entry in enumerate(value):
            yield from of(entry, f"{path}[{place}]")


def object_of(value: Any, path: str, *, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Problems:
    if not isinstance(value, dict):
        yield Problem(path, "must be an object")
        return
    for name in needs:
        if name not in value:
            yield Problem(under(path, name), "is missing")
    for name, entry in value.items():
        check = needs.get(name) or may.get(name)
        if check is None:
            yield Problem(under(path, name[:60]), "is not known here")
        else:
            yield from check(entry, under(path, name))


def under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def words(value: Any, path: str) -> Problems:
    if isinstance(value, list):
        yield from list_of(value, path, of=partial(text, most=SENTENCE), most=20)
    else:
        yield from text(value, path, most=SENTENCE)


def provenance(value: Any, path: str) -> Problems:
    if not isinstance(value, dict) or len(value) > 10:
        yield Problem(path, "must be an object of at most 10 entries")
        return
    for name, entry in value.items():
        yield from words(entry, under(path, name[:60]))


def same_as(value: Any, path: str, *, ours: Callable[[], Doc]) -> Problems:
    """A key of the whole document that only says what the code does."""
    if value != ours()[path]:
        yield Problem(path, "cannot be changed: Keywork’s own rules work with it. Leave it out")


def exactly(value: Any, path: str, *, wanted: str) -> Problems:
    if value != wanted:
        yield Problem(path, f"must be {wanted}")


_need = partial(
    one_of,
    allowed=frozenset({"communication_interaction", "cognition_learning", "semh", "sensory_physical"}),
)
_pfa = partial(one_of, allowed=frozenset({"employment", "independent_living", "community", "health"}))
# The broad area of need and the outcome of preparing for adulthood, on statements and what holds them.
TAGS: Mapping[str, Check] = {"ehcp_area_of_need": _need, "pfa_outcome": _pfa}


def equals(parts: list[Doc], path: str) -> Problems:
    """`equivalent_to` names another part of the same list, and only one of the two is in use."""
    active = {part["slug"]: part.get("active", True) for part in parts}
    for place, part in enumerate(parts):
        equal = part.get("equivalent_to")
        if equal is None:
            continue
        if equal not in active or equal == part["slug"]:
            yield Problem(f"{path}[{place}].equivalent_to", "must be another slug of the same list")
        elif active[equal] and active[part["slug"]]:
            yield Problem(f"{path}[{place}].equivalent_to", "must be retired: only one of the two is in use")


def in_order(points: list[Doc], path: str) -> Problems:
    if [point["value"] for point in points] != [0, 1, 2, 3, 4]:
        yield Problem(path, "must have the values 0, 1, 2, 3, 4 in this order")


def twins(slugs: Iterator[tuple[str, str]]) -> Problems:
    """Slug and path of each part: no slug stands twice."""
    seen: dict[str, str] = {}
    for name, path in slugs:
        if name in seen:
            yield Problem(path, f"“{name}” is used already, in {seen[name]}")
        seen.setdefault(name, path)


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
