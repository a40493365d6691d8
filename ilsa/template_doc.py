"""What a template document of the assessment is (schema keywork.ilsa-template/1), and the one supplied with Keywork.

A document is a plain dict as JSON gives it: `template_schema` checks one. What other code of Keywork computes with
(the scoring, who rates, which domains there are) cannot be changed by a document.
"""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

from questionnaires import parts
from questionnaires.checks import Doc
from questionnaires.supplied import Supplied

SUPPLIED = Supplied(Path(__file__).resolve().parent / "fixtures")
SCHEMA = "keywork.ilsa-template/1"
# Keys of the document that only say what the code does; a document repeats them or leaves them out.
FIXED_PARTS = ("slug", "language", "vocabularies", "raters", "cadence", "scoring")
MOST_ITEMS = 30  # in one domain, retired ones among them
FIRST_YEAR, LAST_YEAR = 1, 14  # school years a question may usually apply from


def shipped() -> Doc:
    """A fresh copy of the template supplied with Keywork."""
    return deepcopy(ours())


def ours() -> Doc:
    """The same, to read only."""
    return SUPPLIED.newest


def in_bytes(doc: Doc) -> bytes:
    """The document as it is exported and digested: the same document always gives the same bytes."""
    return (json.dumps(doc, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def whole(doc: Doc) -> Doc:
    """The document with what it may leave out filled in, and every `order` counted afresh. Changes `doc`."""
    supplied = shipped()
    for name in FIXED_PARTS:
        doc.setdefault(name, supplied[name])
    parts.counted(doc["domains"])
    for domain in doc["domains"]:
        for item in domain["items"]:
            item.setdefault("active", True)
    return doc
