"""Checking a template document: `problems` names everything wrong with one by its path, such as
`areas[3].items[0].statement`, and `unlike_before` where it breaks with the version before. Pure.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from questionnaires.checks import (
    TAGS,
    TITLE,
    WORDING,
    Doc,
    Found,
    Problem,
    equals,
    exactly,
    first,
    flag,
    in_order,
    items_unlike_before,
    list_of,
    number,
    object_of,
    one_of,
    provenance,
    same_as,
    slug,
    text,
    text_or_none,
    twins,
    words,
)

from .template_doc import (
    BUILT_IN_TYPES,
    FIXED_PARTS,
    MOST_AREAS,
    MOST_FIELDS,
    MOST_ITEMS,
    MOST_OPTIONS,
    PLAIN_TYPES,
    SCHEMA,
    built_in,
    ours,
)


def problems(doc: Any) -> list[Problem]:
    """Everything wrong with a document, first things first; empty for one that can be used."""
    return first(_document(doc))


_need, _pfa = TAGS["ehcp_area_of_need"], TAGS["pfa_outcome"]
_same = partial(same_as, ours=ours)
_schema = partial(exactly, wanted=SCHEMA)
_version = partial(text, most=20)

_anchor = partial(
    object_of,
    needs={"value": partial(number, least=0, most=4), "descriptor": partial(text, most=WORDING)},
    may={},
)
_point = partial(
    object_of,
    needs={
        "value": partial(number, least=0, most=4),
        "code": words,
        "label": partial(text, most=TITLE),
        "pupil_label": partial(text, most=TITLE),
        "descriptor": partial(text, most=WORDING),
    },
    may={},
)
_item = partial(
    object_of,
    needs={
        "slug": slug,
        "statement": partial(text, most=WORDING),
        "pupil_wording": partial(text, most=WORDING),
        "parent_wording": partial(text, most=WORDING),
        "since_version": _version,
        **TAGS,
    },
    may={"order": partial(number, least=1, most=999), "active": flag, "equivalent_to": slug},
)
_area = partial(
    object_of,
    needs={
        "slug": slug,
        "title": partial(text, most=TITLE),
        "pupil_title": partial(text, most=TITLE),
        "purpose": partial(text, most=WORDING),
        "anchors": partial(list_of, of=_anchor, least=5, most=5),
        "items": partial(list_of, of=_item, least=1, most=MOST_ITEMS),
        **TAGS,
    },
    may={
        "order": partial(number, least=1, most=999),
        "active": flag,
        "outside_link": partial(text_or_none, most=WORDING),
        "ehcp_secondary": partial(list_of, of=_need, most=4),
        "pfa_secondary": partial(list_of, of=_pfa, most=4),
    },
)
_options = partial(list_of, of=partial(text, most=TITLE), least=2, most=MOST_OPTIONS)
_field = partial(
    object_of,
    needs={
        "slug": slug,
        "label": partial(text, most=TITLE),
        "type": partial(one_of, allowed=frozenset(PLAIN_TYPES) | BUILT_IN_TYPES),
    },
    may={
        "pupil_label": partial(text, most=TITLE),
        "parent_label": partial(text, most=TITLE),
        "required": flag,
        "sensitive": flag,
        "active": flag,
        "options": _options,
        "default": partial(text, most=TITLE),
        "columns": partial(list_of, of=partial(text, most=WORDING), least=1, most=10),
        "fixed_rows": partial(list_of, of=partial(text, most=TITLE), least=1, most=20),
        "feeds": partial(list_of, of=partial(text, most=TITLE), most=5),
        "alert_if_at_most": partial(number, least=0, most=4),
        "alert": partial(text, most=WORDING),
        "since_version": _version,
        "equivalent_to": slug,
    },
)
_tool = partial(
    object_of,
    needs={
        "slug": slug,
        "title": partial(text, most=TITLE),
        "completed_by": partial(text, most=WORDING),
        "when": partial(list_of, of=partial(text, most=60), least=1, most=10),
        "visibility": partial(
            object_of,
            needs={
                "default": partial(text, most=WORDING),
                "share_with_parents": partial(text, most=WORDING),
            },
            may={},
        ),
        "fields": partial(list_of, of=_field, least=1, most=MOST_FIELDS),
    },
    may={
        "pupil_title": partial(text_or_none, most=TITLE),
        "formats": partial(list_of, of=partial(text, most=TITLE), most=10),
    },
)
_whole = partial(
    object_of,
    needs={
        "schema": _schema,
        "version": _version,
        "title": partial(text, most=TITLE),
        "pupil_title": partial(text, most=TITLE),
        "scale": partial(list_of, of=_point, least=5, most=5),
        "areas": partial(list_of, of=_area, least=1, most=MOST_AREAS),
        "soft_tools": partial(list_of, of=_tool, least=1, most=20),
    },
    may={
        **dict.fromkeys(FIXED_PARTS, _same),
        "status": partial(text, most=WORDING),
        "provenance": provenance,
    },
)


def _document(doc: Any) -> Found:
    shape = list(_whole(doc, ""))
    yield from shape
    if shape:
        return  # what holds between parts can only be asked of parts that are there
    yield from in_order(doc["scale"], "scale")
    if [point["code"] for point in doc["scale"]] != [point["code"] for point in ours()["scale"]]:
        yield Problem("scale", "its codes cannot be changed: Keywork’s own rules work with them")
    yield from twins(((area["slug"], f"areas[{a}].slug") for a, area in enumerate(doc["areas"])))
    yield from twins(
        (item["slug"], f"areas[{a}].items[{i}].slug")
        for a, area in enumerate(doc["areas"])
        for i, item in enumerate(area["items"])
    )
    if not any(area.get("active", True) for area in doc["areas"]):
        yield Problem("areas", "has no area in use")
    for a, area in enumerate(doc["areas"]):
        path = f"areas[{a}]"
        yield from in_order(area["anchors"], f"{path}.anchors")
        if not any(item.get("active", True) for item in area["items"]):
            yield Problem(f"{path}.items", "has no statement in use")
        yield from equals(area["items"], f"{path}.items")
    yield from _tools(doc["soft_tools"])


def _tools(tools: list[Doc]) -> Found:
    yield from twins(((tool["slug"], f"soft_tools[{t}].slug") for t, tool in enumerate(tools)))
    wanted = {tool["slug"] for tool in ours()["soft_tools"]}
    for name in sorted(wanted - {tool["slug"] for tool in tools}):
        yield Problem("soft_tools", f"{name} is missing")
    for t, tool in enumerate(tools):
        path = f"soft_tools[{t}]"
        if tool["slug"] not in wanted:
            yield Problem(f"{path}.slug", "is no soft tool of Keywork")
        yield from twins(
            ((field["slug"], f"{path}.fields[{f}].slug") for f, field in enumerate(tool["fields"]))
        )
        yield from equals(tool["fields"], f"{path}.fields")
        if not any(field.get("active", True) for field in tool["fields"]):
            yield Problem(f"{path}.fields", "has no field in use")
        for f, field in enumerate(tool["fields"]):
            here = f"{path}.fields[{f}]"
            options = field.get("options", [])
            if field["type"] == "choice" and not options:
                yield Problem(f"{here}.options", "is missing")
            if len(set(options)) != len(options):
                yield Problem(f"{here}.options", "has the same answer twice")
            if "default" in field and options and field["default"] not in options:
                yield Problem(f"{here}.default", "must be one of the options")
            if field["type"] == "table" and "columns" not in field:
                yield Problem(f"{here}.columns", "is missing")


# --------------------------------------------------------------------- one version after another


def unlike_before(before: Doc, doc: Doc) -> list[Problem]:
    """Where a document breaks with the version before: slugs never change meaning and never vanish.

    Everything that was there must still be, in use or retired, as the same kind of thing in the same place:
    records made with the version before are compared by these slugs.
    """
    return first(_unlike_before(before, doc))


def _unlike_before(before: Doc, doc: Doc) -> Found:
    yield from items_unlike_before(before["areas"], doc["areas"], "areas")
    tools = {tool["slug"]: tool for tool in doc["soft_tools"]}
    for tool in before["soft_tools"]:
        place = f"soft_tools[{doc['soft_tools'].index(tools[tool['slug']])}].fields"
        now = {field["slug"]: field for field in tools[tool["slug"]]["fields"]}
        for field in tool["fields"]:
            same = now.get(field["slug"])
            if same is None:
                yield Problem(place, f"{field['slug']} is missing: retire it rather than leave it out")
            elif same["type"] != field["type"]:
                yield Problem(place, f"{field['slug']} must stay of the type {field['type']}")
            elif built_in(tool["slug"], field) and not same.get("active", True):
                yield Problem(place, f"{field['slug']} cannot be retired: Keywork works with it")
