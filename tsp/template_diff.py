"""What changed from one version of the template to another, in the reader's order: pure, for page and note."""

from __future__ import annotations

from collections.abc import Iterator

from questionnaires.changes import Difference, Side, Texts, moved, of_parts, sides_of
from questionnaires.checks import Doc
from questionnaires.parts import in_use

from .template_doc import ours

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


def differences(before: Doc, after: Doc) -> list[Difference]:
    """Areas first, then soft tools, each with its own words before its parts."""
    return [*_of_whole(before, after), *_of_areas(before, after), *_of_tools(before, after)]


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
    shifted = moved(
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
            if area["slug"] in shifted:
                yield Difference("moved", area["title"], "The area as a whole", area["slug"])
            anchors = tuple(
                Side(f"Anchor {now['value']}", was["descriptor"], now["descriptor"])
                for was, now in zip(old["anchors"], area["anchors"], strict=True)
                if was != now
            )
            changed = _sides(old, area, AREA_TEXTS) + anchors
            if changed:
                yield Difference("reworded", area["title"], "The area’s own words", area["slug"], changed)
        yield from of_parts(
            old["items"] if old else [], area["items"], area["title"], "statement", ITEM_TEXTS, _sides
        )


def _of_tools(before: Doc, after: Doc) -> Iterator[Difference]:
    old_tools = {tool["slug"]: tool for tool in before["soft_tools"]}
    for tool in after["soft_tools"]:
        old = old_tools.get(tool["slug"], {"fields": []})
        changed = _sides(old, tool, TOOL_TEXTS)
        if changed:
            yield Difference("reworded", tool["title"], "The sheet’s own words", tool["slug"], changed)
        yield from of_parts(old["fields"], tool["fields"], tool["title"], "label", FIELD_TEXTS, _sides)


def _sides(before: Doc, after: Doc, texts: Texts) -> tuple[Side, ...]:
    return sides_of(before, after, texts, ours()["vocabularies"])
