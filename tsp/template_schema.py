"""Checking a template document: `problems` names everything wrong with one by its path, such as
`areas[3].items[0].statement`, and `unlike_before` where it breaks with the version before. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from .template_doc import (
    BUILT_IN_TYPES,
    FIXED_PARTS,
    MOST_AREAS,
    MOST_FIELDS,
    MOST_ITEMS,
    MOST_OPTIONS,
    MOST_PROBLEMS,
    PLAIN_TYPES,
    SCHEMA,
    SENTENCE,
    TITLE,
    WORDING,
    Doc,
    Problem,
    built_in,
    ours,
)

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")

Found = Iterator[Problem]
Check = Callable[[Any, str], Found]


def problems(doc: Any) -> list[Problem]:
    """Everything wrong with a document, first things first; empty for one that can be used."""
    found: list[Problem] = []
    for problem in _document(doc):
        found.append(problem)
        if len(found) == MOST_PROBLEMS:
            break
    return found


def _text(value: Any, path: str, *, most: int, empty: bool = False) -> Found:
    if not isinstance(value, str):
        yield Problem(path, "must be text")
    elif not value.strip() and not empty:
        yield Problem(path, "is empty")
    elif len(value) > most:
        yield Problem(path, f"is longer than {most} characters")
    elif any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in value):
        yield Problem(path, "holds a character that cannot be shown, perhaps a line break")


def _text_or_none(value: Any, path: str, *, most: int) -> Found:
    if value is not None:
        yield from _text(value, path, most=most)


def _slug(value: Any, path: str) -> Found:
    if not isinstance(value, str) or len(value) > 60 or not _SLUG.fullmatch(value):
        yield Problem(path, "must be a slug: small letters and digits with hyphens between")


def _flag(value: Any, path: str) -> Found:
    if not isinstance(value, bool):
        yield Problem(path, "must be true or false")


def _number(value: Any, path: str, *, least: int, most: int) -> Found:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        yield Problem(path, f"must be a whole number from {least} to {most}")


def _one_of(value: Any, path: str, *, allowed: frozenset[str]) -> Found:
    if not isinstance(value, str) or value not in allowed:
        yield Problem(path, f"must be one of {', '.join(sorted(allowed))}")


def _list(value: Any, path: str, *, of: Check, least: int = 0, most: int) -> Found:
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


def _object(value: Any, path: str, *, needs: Mapping[str, Check], may: Mapping[str, Check]) -> Found:
    if not isinstance(value, dict):
        yield Problem(path, "must be an object")
        return
    for name in needs:
        if name not in value:
            yield Problem(_under(path, name), "is missing")
    for name, entry in value.items():
        check = needs.get(name) or may.get(name)
        if check is None:
            yield Problem(_under(path, name[:60]), "is not known here")
        else:
            yield from check(entry, _under(path, name))


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _words(value: Any, path: str) -> Found:
    """Where a document came from: text, or a list of texts."""
    if isinstance(value, list):
        yield from _list(value, path, of=partial(_text, most=SENTENCE), most=20)
    else:
        yield from _text(value, path, most=SENTENCE)


def _provenance(value: Any, path: str) -> Found:
    if not isinstance(value, dict) or len(value) > 10:
        yield Problem(path, "must be an object of at most 10 entries")
        return
    for name, entry in value.items():
        yield from _words(entry, _under(path, name[:60]))


def _same(value: Any, path: str) -> Found:
    if value != ours()[path]:
        yield Problem(path, "cannot be changed: Keywork’s own rules work with it. Leave it out")


def _schema(value: Any, path: str) -> Found:
    if value != SCHEMA:
        yield Problem(path, f"must be {SCHEMA}")


_NEEDS = frozenset({"communication_interaction", "cognition_learning", "semh", "sensory_physical"})
_PFA = frozenset({"employment", "independent_living", "community", "health"})
_need = partial(_one_of, allowed=_NEEDS)
_pfa = partial(_one_of, allowed=_PFA)
_version = partial(_text, most=20)
_TAGS: Mapping[str, Check] = {"ehcp_area_of_need": _need, "pfa_outcome": _pfa}

_anchor = partial(
    _object,
    needs={"value": partial(_number, least=0, most=4), "descriptor": partial(_text, most=WORDING)},
    may={},
)
_point = partial(
    _object,
    needs={
        "value": partial(_number, least=0, most=4),
        "code": _words,
        "label": partial(_text, most=TITLE),
        "pupil_label": partial(_text, most=TITLE),
        "descriptor": partial(_text, most=WORDING),
    },
    may={},
)
_item = partial(
    _object,
    needs={
        "slug": _slug,
        "statement": partial(_text, most=WORDING),
        "pupil_wording": partial(_text, most=WORDING),
        "parent_wording": partial(_text, most=WORDING),
        "since_version": _version,
        **_TAGS,
    },
    may={"order": partial(_number, least=1, most=999), "active": _flag, "equivalent_to": _slug},
)
_area = partial(
    _object,
    needs={
        "slug": _slug,
        "title": partial(_text, most=TITLE),
        "pupil_title": partial(_text, most=TITLE),
        "purpose": partial(_text, most=WORDING),
        "anchors": partial(_list, of=_anchor, least=5, most=5),
        "items": partial(_list, of=_item, least=1, most=MOST_ITEMS),
        **_TAGS,
    },
    may={
        "order": partial(_number, least=1, most=999),
        "active": _flag,
        "outside_link": partial(_text_or_none, most=WORDING),
        "ehcp_secondary": partial(_list, of=_need, most=4),
        "pfa_secondary": partial(_list, of=_pfa, most=4),
    },
)
_options = partial(_list, of=partial(_text, most=TITLE), least=2, most=MOST_OPTIONS)
_field = partial(
    _object,
    needs={
        "slug": _slug,
        "label": partial(_text, most=TITLE),
        "type": partial(_one_of, allowed=frozenset(PLAIN_TYPES) | BUILT_IN_TYPES),
    },
    may={
        "pupil_label": partial(_text, most=TITLE),
        "parent_label": partial(_text, most=TITLE),
        "required": _flag,
        "sensitive": _flag,
        "active": _flag,
        "options": _options,
        "default": partial(_text, most=TITLE),
        "columns": partial(_list, of=partial(_text, most=WORDING), least=1, most=10),
        "fixed_rows": partial(_list, of=partial(_text, most=TITLE), least=1, most=20),
        "feeds": partial(_list, of=partial(_text, most=TITLE), most=5),
        "alert_if_at_most": partial(_number, least=0, most=4),
        "alert": partial(_text, most=WORDING),
        "since_version": _version,
        "equivalent_to": _slug,
    },
)
_tool = partial(
    _object,
    needs={
        "slug": _slug,
        "title": partial(_text, most=TITLE),
        "completed_by": partial(_text, most=WORDING),
        "when": partial(_list, of=partial(_text, most=60), least=1, most=10),
        "visibility": partial(
            _object,
            needs={
                "default": partial(_text, most=WORDING),
                "share_with_parents": partial(_text, most=WORDING),
            },
            may={},
        ),
        "fields": partial(_list, of=_field, least=1, most=MOST_FIELDS),
    },
    may={
        "pupil_title": partial(_text_or_none, most=TITLE),
        "formats": partial(_list, of=partial(_text, most=TITLE), most=10),
    },
)
_whole = partial(
    _object,
    needs={
        "schema": _schema,
        "version": _version,
        "title": partial(_text, most=TITLE),
        "pupil_title": partial(_text, most=TITLE),
        "scale": partial(_list, of=_point, least=5, most=5),
        "areas": partial(_list, of=_area, least=1, most=MOST_AREAS),
        "soft_tools": partial(_list, of=_tool, least=1, most=20),
    },
    may={
        **dict.fromkeys(FIXED_PARTS, _same),
        "status": partial(_text, most=WORDING),
        "provenance": _provenance,
    },
)


def _document(doc: Any) -> Found:
    shape = list(_whole(doc, ""))
    yield from shape
    if shape:
        return  # what holds between parts can only be asked of parts that are there
    yield from _in_order(doc["scale"], "scale")
    if [point["code"] for point in doc["scale"]] != [point["code"] for point in ours()["scale"]]:
        yield Problem("scale", "its codes cannot be changed: Keywork’s own rules work with them")
    yield from _twins(((area["slug"], f"areas[{a}].slug") for a, area in enumerate(doc["areas"])))
    yield from _twins(
        (item["slug"], f"areas[{a}].items[{i}].slug")
        for a, area in enumerate(doc["areas"])
        for i, item in enumerate(area["items"])
    )
    if not any(area.get("active", True) for area in doc["areas"]):
        yield Problem("areas", "has no area in use")
    for a, area in enumerate(doc["areas"]):
        path = f"areas[{a}]"
        yield from _in_order(area["anchors"], f"{path}.anchors")
        if not any(item.get("active", True) for item in area["items"]):
            yield Problem(f"{path}.items", "has no statement in use")
        yield from _equals(area["items"], f"{path}.items")
    yield from _tools(doc["soft_tools"])


def _tools(tools: list[Doc]) -> Found:
    yield from _twins(((tool["slug"], f"soft_tools[{t}].slug") for t, tool in enumerate(tools)))
    wanted = {tool["slug"] for tool in ours()["soft_tools"]}
    for slug in sorted(wanted - {tool["slug"] for tool in tools}):
        yield Problem("soft_tools", f"{slug} is missing")
    for t, tool in enumerate(tools):
        path = f"soft_tools[{t}]"
        if tool["slug"] not in wanted:
            yield Problem(f"{path}.slug", "is no soft tool of Keywork")
        yield from _twins(
            ((field["slug"], f"{path}.fields[{f}].slug") for f, field in enumerate(tool["fields"]))
        )
        yield from _equals(tool["fields"], f"{path}.fields")
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


def _equals(parts: list[Doc], path: str) -> Found:
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


def _in_order(points: list[Doc], path: str) -> Found:
    if [point["value"] for point in points] != [0, 1, 2, 3, 4]:
        yield Problem(path, "must have the values 0, 1, 2, 3, 4 in this order")


def _twins(slugs: Iterator[tuple[str, str]]) -> Found:
    seen: dict[str, str] = {}
    for slug, path in slugs:
        if slug in seen:
            yield Problem(path, f"“{slug}” is used already, in {seen[slug]}")
        seen.setdefault(slug, path)


# --------------------------------------------------------------------- one version after another


def unlike_before(before: Doc, doc: Doc) -> list[Problem]:
    """Where a document breaks with the version before: slugs never change meaning and never vanish.

    Everything that was there must still be, in use or retired, as the same kind of thing in the same place:
    records made with the version before are compared by these slugs.
    """
    found: list[Problem] = []
    areas = {area["slug"]: area for area in doc["areas"]}
    home = {item["slug"]: area["slug"] for area in doc["areas"] for item in area["items"]}
    for area in before["areas"]:
        if area["slug"] not in areas:
            found.append(Problem("areas", f"{area['slug']} is missing: retire it rather than leave it out"))
            continue
        for item in area["items"]:
            if item["slug"] not in home:
                found.append(
                    Problem(
                        f"areas[{doc['areas'].index(areas[area['slug']])}].items",
                        f"{item['slug']} is missing: retire it rather than leave it out",
                    )
                )
            elif home[item["slug"]] != area["slug"]:
                found.append(
                    Problem(
                        "areas",
                        f"{item['slug']} belongs to {area['slug']}, and means something else elsewhere",
                    )
                )
    tools = {tool["slug"]: tool for tool in doc["soft_tools"]}
    for tool in before["soft_tools"]:
        place = f"soft_tools[{doc['soft_tools'].index(tools[tool['slug']])}].fields"
        now = {field["slug"]: field for field in tools[tool["slug"]]["fields"]}
        for field in tool["fields"]:
            same = now.get(field["slug"])
            if same is None:
                found.append(
                    Problem(place, f"{field['slug']} is missing: retire it rather than leave it out")
                )
            elif same["type"] != field["type"]:
                found.append(Problem(place, f"{field['slug']} must stay of the type {field['type']}"))
            elif built_in(tool["slug"], field) and not same.get("active", True):
                found.append(Problem(place, f"{field['slug']} cannot be retired: Keywork works with it"))
    return found[:MOST_PROBLEMS]
