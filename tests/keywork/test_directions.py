"""Imports point down only: demo > portal > reports and home >
goals, which stand on the form of TSP > contacts, TSP and ILSA, which never import each other >
care, whose plans have the outcomes that goals are set towards > safety,
questionnaires and enquiries > students > keywork > outbox."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = {
    "demo": 8,
    "portal": 7,
    "reports": 6,
    "home": 6,
    "goals": 5,
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


def modules() -> dict[str, Path]:
    """Every module of the project by its name; a package is its `__init__.py`."""
    found = {}
    for app in HERE:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found[name.removesuffix(".__init__")] = path
    return found


def imports_of(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The modules it imports, also within a function; not what only the type checker reads."""
    tree = ast.parse(path.read_text())
    unread = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names = {f"{base}.{one.name}" for one in node.names}
            found |= names & set(known) or {base}
    return found & set(known) - {name}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """What is left when whoever imports nothing that is left, or is imported by nothing that is left, is taken out."""
    left = {name: set(others) for name, others in graph.items()}
    while True:
        imported_by = {other for others in left.values() for other in others}
        ends = {name for name, others in left.items() if not others or name not in imported_by}
        if not ends:
            return [[name, *sorted(others)] for name, others in sorted(left.items())]
        left = {name: others - ends for name, others in left.items() if name not in ends}


def test_no_module_imports_itself_by_way_of_others():
    known = modules()
    graph = {name: imports_of(name, path, known) for name, path in known.items()}
    assert len(graph["tsp.urls"]) > 2
    assert circles(graph) == []
    assert circles({**graph, "keywork.clock": {"portal.urls"}}) != []
