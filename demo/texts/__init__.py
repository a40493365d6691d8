"""What people of the invented school say and are called: a JSON file a subject, so that words are no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def texts(name: str) -> dict[str, Any]:
    """Everything in one file; its lists are tuples, as nobody may add to them."""
    return {
        key: _fixed(value) for key, value in json.loads((HERE / f"{name}.json").read_text("utf-8")).items()
    }


def _fixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fixed(one) for key, one in value.items()}
    return tuple(map(_fixed, value)) if isinstance(value, list) else value
