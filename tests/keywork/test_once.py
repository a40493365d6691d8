"""What is said in one place is asked there, not written again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = [path.parent.name for path in ROOT.glob("*/apps.py") if path.parent.name != "demo"]


@pytest.mark.parametrize(
    ("pattern", "places"),
    [
        # what each role is, what it may do, and the sign-in names of a first run; the head of a page is nobody
        (
            r'"head"[\],}]|"head" in',
            {"keywork/roles.py", "keywork/access.py", "keywork/local/run.py", "contacts/letters/reading.py"},
        ),
        (r'"three", "four"', {"keywork/numbers.py"}),
        (r"SAFEGUARDING: Can\.", {"keywork/opened_by.py"}),
        (r"objects\.current\([^)]*\)\)?\s*\.filter\(\s*kind=[\w.]*KEYWORKER", set()),
    ],
    ids=["head", "numbers", "levels", "keyworkers"],
)
def test_it_stands_in_one_place(pattern, places):
    sources = {path: path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")}
    found = {str(path.relative_to(ROOT)) for path, text in sources.items() if re.search(pattern, text)}
    assert len(sources) > 500
    assert found - places == set()
