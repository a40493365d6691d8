"""How large and how tidy the source is, an app a line: `python -m bench.source [DIRECTORY] [--json] [--no-types]`.

Tests and migrations are left out. Columns: lines of Python, modules, the longest module, the length that 95 of 100
functions do not exceed, lines of templates over 150 characters, errors of mypy, `type: ignore`, and lines that repeat
an earlier place (eight lines or more in a row, blank lines and imports not counted). DIRECTORY is any checkout, so
that an older commit can be measured beside this one.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDE = 150
REPEAT = 8


def apps(root: Path) -> list[str]:
    """The packages of the project, by name."""
    found = (path.parent.name for path in root.glob("*/__init__.py"))
    return sorted(name for name in found if name != "tests")


def modules(root: Path, app: str) -> list[Path]:
    paths = sorted((root / app).rglob("*.py"))
    return [path for path in paths if "migrations" not in path.parts]


def functions(text: str) -> list[int]:
    """How many lines each function of a module has."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, kinds)
    ]


def counted(text: str) -> list[str]:
    """The lines in which a repeat counts."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not re.match(r"(from .* )?import |[\])}]+,?:?$", line)]


def repeats(texts: dict[Path, str]) -> Counter[Path]:
    """To each module how many of its lines repeat an earlier place of it or of another."""
    first: dict[tuple[str, ...], tuple[Path, int]] = {}
    found: Counter[Path] = Counter()
    for path, text in texts.items():
        lines = counted(text)
        again: set[int] = set()
        for start in range(len(lines) - REPEAT + 1):
            place = first.setdefault(tuple(lines[start : start + REPEAT]), (path, start))
            if place != (path, start) and not (place[0] == path and start - place[1] < REPEAT):
                again.update(range(start, start + REPEAT))
        found[path] = len(again)
    return found


def type_errors(root: Path, names: list[str]) -> Counter[str]:
    """To each app how many errors mypy finds in it."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *names]
    said = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout
    lines = (line for line in said.splitlines() if ": error:" in line and "/migrations/" not in line)
    return Counter(line.partition("/")[0] for line in lines)


def wide_lines(root: Path, app: str) -> int:
    paths = {*(root / "templates" / app).rglob("*"), *(root / app).glob("templates/**/*")}  # of all, once
    texts = (path.read_text() for path in paths if path.suffix in (".html", ".txt"))
    return sum(len(line) > WIDE for text in texts for line in text.splitlines())


def measure(root: Path, *, types: bool = True) -> dict[str, dict[str, object]]:
    """A row an app, and one of all of them."""
    names = apps(root)
    texts = {path: path.read_text() for name in names for path in modules(root, name)}
    again = repeats(texts)
    errors = type_errors(root, names) if types else None
    rows = {}
    for name in [*names, "all"]:
        mine = [path for path in texts if name in ("all", path.relative_to(root).parts[0])]
        lines = {path: len(texts[path].splitlines()) for path in mine}
        longest = max(mine, key=lambda path: lines[path])
        lengths = sorted(length for path in mine for length in functions(texts[path]))
        rows[name] = {
            "lines": sum(lines.values()),
            "modules": len(mine),
            "longest": f"{longest.relative_to(root)} {lines[longest]}",
            "functions p95": lengths[int(len(lengths) * 0.95)] if lengths else 0,
            "wide": wide_lines(root, "" if name == "all" else name),
            "type errors": None if errors is None else errors.total() if name == "all" else errors[name],
            "type ignores": sum(texts[path].count("# type: ignore") for path in mine),
            "repeats": sum(again[path] for path in mine),
        }
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", nargs="?", type=Path, default=ROOT)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--no-types", action="store_true", help="leave mypy out, which takes a minute")
    chosen = parser.parse_args()
    rows = measure(chosen.directory.resolve(), types=not chosen.no_types)
    if chosen.json:
        print(json.dumps(rows, indent=1))
        return
    heads = list(rows["all"])
    print("  ".join(["app".ljust(14), *(head.rjust(13) for head in heads if head != "longest"), "longest"]))
    for name, row in rows.items():
        cells = [
            ("–" if row[head] is None else str(row[head])).rjust(13) for head in heads if head != "longest"
        ]
        print("  ".join([name.ljust(14), *cells, str(row["longest"])]))


if __name__ == "__main__":
    main()
