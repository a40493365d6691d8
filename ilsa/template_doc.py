"""What a template document of the assessment is (schema keywork.ilsa-template/1), and the one supplied with Keywork."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

Doc = dict[str, Any]
FIXTURE = Path(__file__).resolve().parent / "fixtures" / "template.json"
SCHEMA = "keywork.ilsa-template/1"


def shipped() -> Doc:
    """A fresh copy of the template supplied with Keywork."""
    return deepcopy(ours())


@cache
def ours() -> Doc:
    """The same, to read only."""
    return json.loads(FIXTURE.read_text(encoding="utf-8"))


def in_bytes(doc: Doc) -> bytes:
    """The document as it is exported and digested: the same document always gives the same bytes."""
    return (json.dumps(doc, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
