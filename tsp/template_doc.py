"""What a template document is (schema keywork.tsp-template/1), and the one supplied with Keywork.

A document is a plain dict as JSON gives it: `template_schema` checks one, `template_file` reads an upload. What other code of Keywork computes with (the
scoring, the windows, goal levels, which soft tools there are) cannot be changed by a document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from questionnaires import parts
from questionnaires.checks import Doc
from questionnaires.supplied import Supplied

SUPPLIED = Supplied(Path(__file__).resolve().parent / "fixtures")
SCHEMA = "keywork.tsp-template/1"

# Keys of the document that only say what the code does; a document repeats them or leaves them out.
FIXED_PARTS = (
    "slug",
    "language",
    "vocabularies",
    "non_scores",
    "scoring",
    "windows",
    "main_form_sections",
    "gas",
)
# Kinds of field anyone may add; the others are worked with by Keywork itself.
PLAIN_TYPES: Mapping[str, str] = {
    "text": "A line of text",
    "long_text": "Several lines of text",
    "tag_list": "A list of short words",
    "choice": "One choice of several",
    "date": "A date",
}
BUILT_IN_TYPES = frozenset(
    {
        "scale_0_4",
        "area_single",
        "area_multi",
        "item_single",
        "item_multi",
        "ehcp_outcome",
        "action_list",
        "table",
        "duration_minutes",
        "evidence",
    }
)
MOST_AREAS, MOST_ITEMS, MOST_FIELDS, MOST_OPTIONS = 12, 40, 40, 20


def shipped() -> Doc:
    """A fresh copy of the template supplied with Keywork."""
    return deepcopy(ours())


def ours() -> Doc:
    """The same, to read only."""
    return SUPPLIED.newest


def in_bytes(doc: Mapping[str, Any]) -> bytes:
    """The document as it is exported: keys in the order of the template supplied, so that the same document always
    gives the same bytes (a database keeps keys in an order of its own)."""
    return (json.dumps(_ordered(doc), ensure_ascii=False, indent=1) + "\n").encode()


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (_key_order().get(name, len(_key_order())), name))
        return {name: _ordered(value[name]) for name in names}
    return [_ordered(entry) for entry in value] if isinstance(value, list) else value


@cache
def _key_order() -> Mapping[str, int]:
    """Each key to its place, as first met in the template supplied."""
    found: dict[str, int] = {}

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            for name, entry in value.items():
                found.setdefault(name, len(found))
                walk(entry)
        elif isinstance(value, list):
            for entry in value:
                walk(entry)

    walk(ours())
    return found


def whole(doc: Doc) -> Doc:
    """The document with what it may leave out filled in, and every `order` counted afresh. Changes `doc`."""
    supplied = shipped()
    for name in FIXED_PARTS:
        doc.setdefault(name, supplied[name])
    parts.counted(doc["areas"])
    for area in doc["areas"]:
        for item in area["items"]:
            item.setdefault("active", True)
    return doc


def built_in(tool_slug: str, field: Mapping[str, Any]) -> bool:
    """Does Keywork itself work with this field? Then it is reworded and moved, never retired or changed in kind."""
    return field["type"] in BUILT_IN_TYPES or tool_slug == "goal-setting" or field.get("required", False)
