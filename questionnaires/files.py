"""A document as a file: written always in the same bytes; an uploaded one is hostile until proved whole. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .checks import Doc, NotATemplate, Problem
from .description import Questionnaire
from .schema import problems

MOST_BYTES = 512 * 1024


def in_bytes(form: Questionnaire, doc: Mapping[str, Any]) -> bytes:
    """As it is exported and digested: a database keeps keys in an order of its own, here they have one order."""
    order = _order_of_keys(form.ours()) if form.in_order else {}
    return (json.dumps(_ordered(doc, order), ensure_ascii=False, indent=1) + "\n").encode()


def _ordered(value: Any, order: Mapping[str, int]) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (order.get(name, len(order)), name))
        return {name: _ordered(value[name], order) for name in names}
    return [_ordered(entry, order) for entry in value] if isinstance(value, list) else value


def _order_of_keys(doc: Doc) -> Mapping[str, int]:
    """Each key to its place, as first met in a document."""
    found: dict[str, int] = {}

    def walk(value: Any) -> None:
        for name in value if isinstance(value, Mapping) else ():
            found.setdefault(name, len(found))
            walk(value[name])
        for entry in value if isinstance(value, list) else ():
            walk(entry)

    walk(doc)
    return found


def parse(form: Questionnaire, raw: bytes) -> Doc:
    """An uploaded file as a whole, checked document. Raises NotATemplate."""
    doc = _read(raw)
    found = problems(form, doc)
    if found:
        raise NotATemplate(found)
    return form.whole(doc)


def _read(raw: bytes) -> Any:
    if len(raw) > MOST_BYTES:
        raise NotATemplate(
            [Problem("", f"The file is larger than {MOST_BYTES // 1024} KB; a template is far smaller")]
        )
    try:
        return json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_without_twins, parse_constant=_no_constant
        )
    except NotATemplate:
        raise
    except UnicodeDecodeError as error:
        raise NotATemplate([Problem("", "This is not a text file in UTF-8")]) from error
    except RecursionError as error:
        raise NotATemplate([Problem("", "The file is nested too deep to be a template")]) from error
    except json.JSONDecodeError as error:
        raise NotATemplate(
            [Problem("", f"This is not JSON: line {error.lineno}, column {error.colno}")]
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise NotATemplate([Problem("", "The file holds a number that cannot be read")]) from error


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise NotATemplate([Problem("", f"“{twin[:60]}” stands twice in the same object")])
    return made


def _no_constant(name: str) -> Any:
    raise NotATemplate([Problem("", f"{name} is not JSON")])
