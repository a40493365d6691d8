"""What the scripts of a page say, for pages in other languages than English: read from the scripts themselves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
SCRIPTS = ("keywork.js", "autosave.js", "record.js")  # those that families meet
_TEXT = re.compile(r'"([A-Z][^"\\]*[a-z…][^"\\]*[ …][^"\\]*|Saving…)"')


@cache
def texts() -> tuple[str, ...]:
    """Every sentence of them, as it is written there."""
    found = [text for name in SCRIPTS for text in _TEXT.findall((STATIC / name).read_text(encoding="utf-8"))]
    return tuple(dict.fromkeys(found))
