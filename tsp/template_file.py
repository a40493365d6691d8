"""Reading an uploaded template: hostile until proved whole."""

from __future__ import annotations

import json
from typing import Any

from .template_doc import MOST_BYTES, Doc, NotATemplate, Problem, whole
from .template_schema import problems


def parse(raw: bytes) -> Doc:
    """An uploaded file as a whole, checked document. Raises NotATemplate."""
    if len(raw) > MOST_BYTES:
        raise NotATemplate(
            [Problem("", f"The file is larger than {MOST_BYTES // 1024} KB; a template is far smaller")]
        )
    try:
        doc = json.loads(
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
    found = problems(doc)
    if found:
        raise NotATemplate(found)
    return whole(doc)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise NotATemplate([Problem("", f"“{twin[:60]}” stands twice in the same object")])
    return made


def _no_constant(name: str) -> Any:
    raise NotATemplate([Problem("", f"{name} is not JSON")])
