"""Reading an uploaded document: hostile until proved whole. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .checks import Doc, NotATemplate, Problem

MOST_BYTES = 512 * 1024


def parse(raw: bytes, problems: Callable[[Any], list[Problem]]) -> Doc:
    """The document in an uploaded file, checked by `problems`. Raises NotATemplate."""
    doc = _read(raw)
    found = problems(doc)
    if found:
        raise NotATemplate(found)
    return doc


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
