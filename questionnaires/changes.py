"""What changed from one version of a document to another, in the reader's order: the parts both forms have. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

from .checks import Doc
from .parts import in_use

Kind = Literal["added", "replaced", "reworded", "retired", "brought back", "moved"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Side:
    """One text before and after; empty where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed. `where` is the title of what holds it.

    "replaced" is a new meaning declared interchangeable with the retired slug in `replaces`.
    """

    kind: Kind
    where: str
    what: str
    slug: str
    sides: tuple[Side, ...] = ()
    replaces: str = ""


Texts = Sequence[tuple[str, str]]  # a key of the part, and its label
Sides = Callable[[Doc, Doc, Texts], tuple[Side, ...]]


def in_short(found: Sequence[Difference]) -> str:
    """ "2 added, 1 reworded": what a list of versions says; empty when nothing changed."""
    counts = [(sum(one.kind == kind for one in found), kind) for kind in KINDS]
    return ", ".join(f"{count} {kind}" for count, kind in counts if count)


def of_parts(
    before: Sequence[Doc], after: Sequence[Doc], where: str, name: str, texts: Texts, sides: Sides
) -> Iterator[Difference]:
    """Differences of the parts of one list, each called by its key `name`."""
    old_parts = {part["slug"]: part for part in before}
    shifted = moved([p["slug"] for p in in_use(before)], [p["slug"] for p in in_use(after)])
    were_in_use = {part["slug"] for part in in_use(before)}
    heirs = {part["equivalent_to"]: part for part in in_use(after) if part.get("equivalent_to")}
    replaced = {slug for slug, heir in heirs.items() if slug in were_in_use and heir["slug"] not in old_parts}
    for part in after:
        slug, active = part["slug"], part.get("active", True)
        old = old_parts.get(slug)
        if old is None:
            before_it = part.get("equivalent_to", "")
            if active and before_it in replaced:
                told = sides(old_parts[before_it], part, texts)
                yield Difference("replaced", where, part[name], slug, told, before_it)
            elif active:
                yield Difference("added", where, part[name], slug, sides({}, part, texts))
            continue
        was = old.get("active", True)
        if was and not active:
            if slug not in replaced:
                yield Difference("retired", where, old[name], slug, sides(old, {}, texts))
            continue
        if active and not was:
            yield Difference("brought back", where, part[name], slug, sides({}, part, texts))
            continue
        changed = sides(old, part, texts)
        if changed:
            yield Difference("reworded", where, part[name], slug, changed)
        if slug in shifted:
            yield Difference("moved", where, part[name], slug)


def moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Those that stand in another order: the fewest that explain it."""
    shared = set(before) & set(after)
    old = [slug for slug in before if slug in shared]
    new = [slug for slug in after if slug in shared]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {slug for block in blocks for slug in old[block.a : block.a + block.size]}
    return shared - stayed


def sides_of(
    before: Doc, after: Doc, texts: Texts, vocabularies: Mapping[str, Mapping[str, str]]
) -> tuple[Side, ...]:
    """The texts that differ, each value in the words of its vocabulary where it has one."""
    found = (
        (label, _said(before, name, vocabularies), _said(after, name, vocabularies)) for name, label in texts
    )
    return tuple(Side(label, was, now) for label, was, now in found if was != now)


def _said(part: Doc, name: str, vocabularies: Mapping[str, Mapping[str, str]]) -> str:
    value: Any = part.get(name)
    if value is None or value is False:
        return ""
    if value is True:
        return "Yes"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(vocabularies.get(name, {}).get(value, value))
