"""What changed from one version of the template to another, in the reader's order: pure, for page and note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, get_args

from .template_doc import Doc, ours
from .template_edit import in_use

Kind = Literal["added", "replaced", "reworded", "retired", "brought back", "moved"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ITEM_TEXTS = (
    ("statement", "Staff"),
    ("pupil_wording", "Student"),
    ("parent_wording", "Parent or carer"),
    ("ehcp_area_of_need", "Area of need"),
    ("pfa_outcome", "Preparing for adulthood"),
)
AREA_TEXTS = (
    ("title", "Title"),
    ("pupil_title", "Student title"),
    ("purpose", "Purpose"),
    ("ehcp_area_of_need", "Area of need"),
    ("pfa_outcome", "Preparing for adulthood"),
    ("outside_link", "Linked framework"),
)
TOOL_TEXTS = (("title", "Title"), ("pupil_title", "Student title"), ("completed_by", "Filled in by"))
FIELD_TEXTS = (
    ("label", "Label"),
    ("pupil_label", "Student label"),
    ("parent_label", "Parent label"),
    ("options", "Answers"),
    ("default", "Usual answer"),
    ("required", "Must be filled in"),
    ("sensitive", "Sensitive"),
    ("alert_if_at_most", "Prompts at or below"),
    ("alert", "Prompt"),
    ("columns", "Columns"),
    ("fixed_rows", "Rows"),
)


@dataclass(frozen=True, slots=True)
class Side:
    """One text before and after; empty where there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed. `where` is the title of its area or soft tool.

    "replaced" is a new meaning declared interchangeable with the retired slug in `replaces`.
    """

    kind: Kind
    where: str
    what: str
    slug: str
    sides: tuple[Side, ...] = ()
    replaces: str = ""


def differences(before: Doc, after: Doc) -> list[Difference]:
    """Areas first, then soft tools, each with its own words before its parts."""
    return [*_of_whole(before, after), *_of_areas(before, after), *_of_tools(before, after)]


def in_short(found: Sequence[Difference]) -> str:
    """ "2 added, 1 reworded": what a list of versions says; empty when nothing changed."""
    counts = [(sum(one.kind == kind for one in found), kind) for kind in KINDS]
    return ", ".join(f"{count} {kind}" for count, kind in counts if count)


def _of_whole(before: Doc, after: Doc) -> Iterator[Difference]:
    changed = _sides(before, after, (("title", "Title"), ("pupil_title", "Student title")))
    if changed:
        yield Difference("reworded", "The whole form", after["title"], "", changed)
    points = [
        side
        for old, new in zip(before["scale"], after["scale"], strict=True)
        for side in _sides(
            old,
            new,
            (
                ("label", f"{new['value']}"),
                ("pupil_label", f"{new['value']} for students"),
                ("descriptor", f"{new['value']} means"),
            ),
        )
    ]
    if points:
        yield Difference("reworded", "The scale", "The five points", "scale", tuple(points))


def _of_areas(before: Doc, after: Doc) -> Iterator[Difference]:
    old_areas = {area["slug"]: area for area in before["areas"]}
    moved = _moved(
        [area["slug"] for area in in_use(before["areas"])], [area["slug"] for area in in_use(after["areas"])]
    )
    for area in after["areas"]:
        old = old_areas.get(area["slug"])
        was, active = old is not None and old.get("active", True), area.get("active", True)
        if not active:
            if was:
                yield Difference("retired", area["title"], "The area as a whole", area["slug"])
            continue
        if old is not None and not was:
            yield Difference("brought back", area["title"], "The area as a whole", area["slug"])
        if old is None:
            yield Difference(
                "added", area["title"], area["title"], area["slug"], _sides({}, area, AREA_TEXTS)
            )
        else:
            if area["slug"] in moved:
                yield Difference("moved", area["title"], "The area as a whole", area["slug"])
            anchors = tuple(
                Side(f"Anchor {now['value']}", was["descriptor"], now["descriptor"])
                for was, now in zip(old["anchors"], area["anchors"], strict=True)
                if was != now
            )
            changed = _sides(old, area, AREA_TEXTS) + anchors
            if changed:
                yield Difference("reworded", area["title"], "The area’s own words", area["slug"], changed)
        yield from _of_parts(
            old["items"] if old else [], area["items"], area["title"], "statement", ITEM_TEXTS
        )


def _of_tools(before: Doc, after: Doc) -> Iterator[Difference]:
    old_tools = {tool["slug"]: tool for tool in before["soft_tools"]}
    for tool in after["soft_tools"]:
        old = old_tools.get(tool["slug"], {"fields": []})
        changed = _sides(old, tool, TOOL_TEXTS)
        if changed:
            yield Difference("reworded", tool["title"], "The sheet’s own words", tool["slug"], changed)
        yield from _of_parts(old["fields"], tool["fields"], tool["title"], "label", FIELD_TEXTS)


def _of_parts(
    before: Sequence[Doc], after: Sequence[Doc], where: str, name: str, texts: Sequence[tuple[str, str]]
) -> Iterator[Difference]:
    old_parts = {part["slug"]: part for part in before}
    moved = _moved([p["slug"] for p in in_use(before)], [p["slug"] for p in in_use(after)])
    were_in_use = {part["slug"] for part in in_use(before)}
    heirs = {part["equivalent_to"]: part for part in in_use(after) if part.get("equivalent_to")}
    replaced = {slug for slug, heir in heirs.items() if slug in were_in_use and heir["slug"] not in old_parts}
    for part in after:
        slug, active = part["slug"], part.get("active", True)
        old = old_parts.get(slug)
        if old is None:
            before_it = part.get("equivalent_to", "")
            if active and before_it in replaced:
                sides = _sides(old_parts[before_it], part, texts)
                yield Difference("replaced", where, part[name], slug, sides, before_it)
            elif active:
                yield Difference("added", where, part[name], slug, _sides({}, part, texts))
            continue
        was = old.get("active", True)
        if was and not active:
            if slug not in replaced:
                yield Difference("retired", where, old[name], slug, _sides(old, {}, texts))
            continue
        if active and not was:
            yield Difference("brought back", where, part[name], slug, _sides({}, part, texts))
            continue
        changed = _sides(old, part, texts)
        if changed:
            yield Difference("reworded", where, part[name], slug, changed)
        if slug in moved:
            yield Difference("moved", where, part[name], slug)


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Those that stand in another order: the fewest that explain it."""
    shared = set(before) & set(after)
    old = [slug for slug in before if slug in shared]
    new = [slug for slug in after if slug in shared]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {slug for block in blocks for slug in old[block.a : block.a + block.size]}
    return shared - stayed


def _sides(before: Doc, after: Doc, texts: Sequence[tuple[str, str]]) -> tuple[Side, ...]:
    found = ((label, _said(before, name), _said(after, name)) for name, label in texts)
    return tuple(Side(label, was, now) for label, was, now in found if was != now)


def _said(part: Doc, name: str) -> str:
    value: Any = part.get(name)
    if value is None or value is False:
        return ""
    if value is True:
        return "Yes"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(ours()["vocabularies"].get(name, {}).get(value, value))
