"""What changed from one version of the template to another, in the reader's order: pure, for page and note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from .template_doc import Doc
from .template_edit import in_use

Kind = Literal["added", "reworded", "retired", "brought back", "moved"]
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
    """One thing that changed. `where` is the title of its area or soft tool; `replaces` a slug it stands for."""

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
    kinds: tuple[Kind, ...] = ("added", "reworded", "retired", "brought back", "moved")
    counts = [(sum(one.kind == kind for one in found), kind) for kind in kinds]
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
    moved = _moved([area["slug"] for area in before["areas"]], [area["slug"] for area in after["areas"]])
    for area in after["areas"]:
        old = old_areas.get(area["slug"])
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
    for part in after:
        slug, active = part["slug"], part.get("active", True)
        old = old_parts.get(slug)
        if old is None:
            if active:
                yield Difference(
                    "added", where, part[name], slug, _sides({}, part, texts), part.get("equivalent_to", "")
                )
            continue
        was = old.get("active", True)
        if was and not active:
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
    found = ((label, _said(before.get(name)), _said(after.get(name))) for name, label in texts)
    return tuple(Side(label, was, now) for label, was, now in found if was != now)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).replace("_", " ") if _is_code(value) else str(value)


def _is_code(value: Any) -> bool:
    """Vocabulary codes are the only texts with underscores and without spaces."""
    return isinstance(value, str) and "_" in value and " " not in value
