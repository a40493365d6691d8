"""Imports point down only: demo > portal > reports > contacts, TSP and ILSA, which never import each other >
care, whose plans have the outcomes that goals are set towards > safety,
questionnaires and enquiries > students > keywork > outbox."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = {
    "demo": 7,
    "portal": 6,
    "reports": 5,
    "contacts": 4,
    "tsp": 4,
    "ilsa": 4,
    "care": 3,
    "safety": 2,
    "questionnaires": 2,
    "enquiries": 2,
    "students": 1,
    "keywork": 0,
    "outbox": -1,
}
HERE = [app for app in FLOORS if (ROOT / app).is_dir()]


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "keywork" and [name.name for name in node.names] == ["clock"]:
                continue  # what time it is, everybody may ask: it imports nothing itself
            found.add(node.module)
    return {name.partition(".")[0] for name in found} & set(FLOORS)


@pytest.mark.parametrize("app", HERE)
def test_imports_point_down_only(app):
    wrong = [
        f"{path.relative_to(ROOT)} imports {other}"
        for path in (ROOT / app).rglob("*.py")
        for other in imported(ast.parse(path.read_text()))
        if other != app and FLOORS[other] >= FLOORS[app]
    ]
    assert wrong == []


def test_every_app_stands_on_a_floor():
    from django.conf import settings

    assert {app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()} == set(HERE)
