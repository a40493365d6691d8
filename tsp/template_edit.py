"""Changing a template document: each function takes one and gives back a changed copy; it saves nothing.

`kept` are the slugs of the published version: records stand on them, so what has one is retired and never taken
away. Raises Refused with words for the person who tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from typing import Any

from keywork.errors import Refused
from questionnaires import parts
from questionnaires.checks import Doc
from questionnaires.parts import in_use

from .template_doc import MOST_AREAS, MOST_FIELDS, MOST_ITEMS, built_in


def area_of(doc: Doc, slug: str) -> Doc:
    return parts.named(doc["areas"], slug)


def item_of(doc: Doc, slug: str) -> tuple[Doc, Doc]:
    """The area and the statement."""
    return parts.item_in(doc["areas"], slug)


def tool_of(doc: Doc, slug: str) -> Doc:
    return parts.named(doc["soft_tools"], slug)


def field_of(doc: Doc, tool: str, slug: str) -> Doc:
    return parts.named(tool_of(doc, tool)["fields"], slug)


def area_words(area: Doc) -> Doc:
    """What the area's own form changes."""
    return {name: area[name] for name in ("title", "pupil_title", "purpose", "anchors")}


def tool_words(tool: Doc) -> Doc:
    """What the tool's own form changes."""
    return {"title": tool["title"], "pupil_title": tool.get("pupil_title")}


# ------------------------------------------------------------------------------------- areas


def reword_area(
    doc: Doc, slug: str, *, title: str, pupil_title: str, purpose: str, anchors: Sequence[str]
) -> Doc:
    """Title, student title, purpose and the five anchors from 0 to 4."""
    doc = deepcopy(doc)
    area_of(doc, slug).update(
        title=title,
        pupil_title=pupil_title,
        purpose=purpose,
        anchors=[{"value": value, "descriptor": words} for value, words in enumerate(anchors)],
    )
    return doc


def add_area(doc: Doc, words: Mapping[str, Any], item: Mapping[str, str], version: str) -> tuple[Doc, str]:
    """A new area, last, with its first statement: an area without one could not be rated.

    `words` are those of `reword_area`; the area takes its need and outcome from the statement. Its slug is made of
    its title, once and for all.
    """
    doc = deepcopy(doc)
    if len(doc["areas"]) >= MOST_AREAS:
        raise Refused(f"The form holds at most {MOST_AREAS} areas, retired ones among them")
    slug = parts.unused(parts.short(words["title"]), {area["slug"] for area in doc["areas"]})
    tags = {name: item[name] for name in ("ehcp_area_of_need", "pfa_outcome")}
    doc["areas"].append({"slug": slug, **words, **tags, "anchors": [], "items": []})
    doc = reword_area(doc, slug, **words)
    return add_item(doc, slug, item, version)[0], slug


def retire_area(doc: Doc, slug: str, kept: Collection[str]) -> Doc:
    """Out of use with all its statements; one that was never published is taken away."""
    doc = deepcopy(doc)
    area = area_of(doc, slug)
    if in_use(doc["areas"]) == [area]:
        raise Refused("The form needs one area at least. Add another before retiring this one")
    parts.out_of_use(doc["areas"], area, kept)
    return _counted(doc)


def restore_area(doc: Doc, slug: str) -> Doc:
    doc = deepcopy(doc)
    area_of(doc, slug).pop("active", None)
    return doc


def move_area(doc: Doc, slug: str, step: int) -> Doc:
    """One place up (-1) or down (+1) among those in use; at the end nothing changes."""
    doc = deepcopy(doc)
    parts.move(doc["areas"], area_of(doc, slug), step)
    return _counted(doc)


def reword_scale(doc: Doc, points: Sequence[Mapping[str, str]]) -> Doc:
    """Label, student label and descriptor of the five points from 0 to 4. Values and codes stay: rules use them."""
    doc = deepcopy(doc)
    for point, words in zip(doc["scale"], points, strict=True):
        point.update(words)
    return doc


def scale_words(doc: Doc) -> list[Doc]:
    """What the scale's form changes."""
    return [{name: point[name] for name in ("label", "pupil_label", "descriptor")} for point in doc["scale"]]


def add_item(doc: Doc, area_slug: str, values: Mapping[str, str], version: str) -> tuple[Doc, str]:
    """A new statement at the end of its area; its slug is made of its words."""
    doc = deepcopy(doc)
    area = area_of(doc, area_slug)
    if len(area["items"]) >= MOST_ITEMS:
        raise Refused(f"An area holds at most {MOST_ITEMS} statements, retired ones among them")
    slug = parts.item_slug(doc["areas"], area, values["pupil_wording"])
    area["items"].append({"slug": slug, **values, "since_version": version, "active": True})
    return _counted(doc), slug


def reword_item(
    doc: Doc,
    slug: str,
    values: Mapping[str, str],
    *,
    new_meaning: bool,
    equivalent: bool,
    version: str,
    kept: Collection[str],
) -> tuple[Doc, str]:
    """New wordings under the same slug; or, when the meaning changed, a new statement in place of a retired one.

    `equivalent` declares old and new interchangeable. A statement no published version has is only reworded.
    """
    doc = deepcopy(doc)
    area, item = item_of(doc, slug)
    if not new_meaning or slug not in kept:
        item.update(values)
        return doc, slug
    if not item["active"]:
        raise Refused("This statement is retired. Bring it back before changing it")
    if len(area["items"]) >= MOST_ITEMS:
        raise Refused(f"An area holds at most {MOST_ITEMS} statements, retired ones among them")
    made = parts.item_slug(doc["areas"], area, values["pupil_wording"])
    parts.new_meaning(area["items"], item, values, made, equivalent=equivalent, version=version)
    return _counted(doc), made


def retire_item(doc: Doc, slug: str, kept: Collection[str]) -> Doc:
    """Out of use; one that was never published is taken away."""
    doc = deepcopy(doc)
    area, item = item_of(doc, slug)
    if in_use(area["items"]) == [item]:
        raise Refused("An area needs one statement at least. Add another before retiring this one")
    parts.out_of_use(area["items"], item, kept)
    return _counted(doc)


def restore_item(doc: Doc, slug: str) -> Doc:
    doc = deepcopy(doc)
    area, item = item_of(doc, slug)
    heir = parts.heir_of(area["items"], slug)
    if heir is not None:
        raise Refused(f"“{heir['statement']}” stands in its place. Retire that one first")
    item["active"] = True
    return doc


def move_item(doc: Doc, slug: str, step: int) -> Doc:
    """One place up (-1) or down (+1) among those in use; at the end nothing changes."""
    doc = deepcopy(doc)
    area, item = item_of(doc, slug)
    parts.move(area["items"], item, step)
    return _counted(doc)


# ------------------------------------------------------------------------------------- soft tools


def reword_tool(doc: Doc, slug: str, *, title: str, pupil_title: str | None) -> Doc:
    doc = deepcopy(doc)
    tool_of(doc, slug).update(title=title, pupil_title=pupil_title or None)
    return doc


def add_field(doc: Doc, tool_slug: str, values: Mapping[str, Any], version: str) -> tuple[Doc, str]:
    """A new field at the end of its tool. `values`: label, type, and what the type wants."""
    doc = deepcopy(doc)
    tool = tool_of(doc, tool_slug)
    if len(tool["fields"]) >= MOST_FIELDS:
        raise Refused(f"A sheet holds at most {MOST_FIELDS} fields, retired ones among them")
    slug = _new_field_slug(tool, values["label"])
    tool["fields"].append({"slug": slug, **_given(values), "since_version": version})
    return doc, slug


def reword_field(
    doc: Doc,
    tool_slug: str,
    slug: str,
    values: Mapping[str, Any],
    *,
    new_meaning: bool,
    equivalent: bool,
    version: str,
    kept: Collection[str],
) -> tuple[Doc, str]:
    """As `reword_item`. The type stays; a field Keywork works with keeps its meaning."""
    doc = deepcopy(doc)
    tool = tool_of(doc, tool_slug)
    field = field_of(doc, tool_slug, slug)
    if not new_meaning or slug not in kept:
        for name in values:
            field.pop(name, None)
        field.update(_given(values))
        return doc, slug
    if built_in(tool_slug, field):
        raise Refused("Keywork works with this field, so its meaning stays. Reword it only", "new_meaning")
    if not field.get("active", True):
        raise Refused("This field is retired. Bring it back before changing it")
    if len(tool["fields"]) >= MOST_FIELDS:
        raise Refused(f"A sheet holds at most {MOST_FIELDS} fields, retired ones among them")
    made = _new_field_slug(tool, values["label"])
    field["active"] = False
    new = {"type": field["type"], **_given(values), "slug": made, "since_version": version}
    if equivalent:
        new["equivalent_to"] = slug
    tool["fields"].insert(tool["fields"].index(field), new)
    return doc, made


def retire_field(doc: Doc, tool_slug: str, slug: str, kept: Collection[str]) -> Doc:
    doc = deepcopy(doc)
    tool = tool_of(doc, tool_slug)
    field = field_of(doc, tool_slug, slug)
    if built_in(tool_slug, field) and slug in kept:
        raise Refused("Keywork works with this field: it can be reworded and moved, not retired")
    if in_use(tool["fields"]) == [field]:
        raise Refused("A sheet needs one field at least. Add another before retiring this one")
    parts.out_of_use(tool["fields"], field, kept)
    return doc


def restore_field(doc: Doc, tool_slug: str, slug: str) -> Doc:
    doc = deepcopy(doc)
    heir = parts.heir_of(tool_of(doc, tool_slug)["fields"], slug)
    if heir is not None:
        raise Refused(f"“{heir['label']}” stands in its place. Retire that one first")
    field_of(doc, tool_slug, slug).pop("active", None)
    return doc


def move_field(doc: Doc, tool_slug: str, slug: str, step: int) -> Doc:
    doc = deepcopy(doc)
    parts.move(tool_of(doc, tool_slug)["fields"], field_of(doc, tool_slug, slug), step)
    return doc


# ------------------------------------------------------------------------------------- shared


def _given(values: Mapping[str, Any]) -> Doc:
    """Without what was left empty: an absent key is the document's way to say no."""
    return {name: value for name, value in values.items() if value not in ("", None, False, [])}


def _counted(doc: Doc) -> Doc:
    parts.counted(doc["areas"])
    return doc


def _new_field_slug(tool: Doc, label: str) -> str:
    return parts.unused(parts.short(label), {field["slug"] for field in tool["fields"]})
