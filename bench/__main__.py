"""Run every benchmark, each against its own embedded database, and write bench/results.json.

    make bench                 everything (about three quarters of an hour on two cores)
    python -m bench pages      only some: pages, home, tsp, ilsa, duties, misses, reports, pack, saturation, weight, users

Each part runs in its own process with its own data directory below bench/.cache, so that a school of 60 and
one of 2,000 stand side by side and nothing of the developer's own data is touched.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = Path(os.environ.get("KEYWORK_BENCH_DIR") or HERE / ".cache")
PARTS = (
    "pages",
    "home",
    "tsp",
    "ilsa",
    "saturation",
    "weight",
    "duties",
    "misses",
    "reports",
    "pack",
    "users",
)
SCHOOLS = (300, 2000)
YEARS = 5
# Multiples of the bare page's server time of the same run (p50). Of the large school each page may take so many times
# its own in the small one, where it has no budget of its own.
BUDGET = {
    "today": 15,
    "oversight": 33,
    "student list": 13,
    "record": 12,
    "whole log": 17,
    "saving a contact": 11,
}
BUDGET_LARGE = {"oversight": 90}
GROWTH = 1.5


def environment(directory: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
        "KEYWORK_DATA_DIR": str(CACHE / directory),
        "KEYWORK_DEMO": "1",
        "KEYWORK_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "keywork.settings",
        "PYTHONPATH": str(ROOT),
    }


def run(arguments: list[str], directory: str) -> str:
    print(f"… {' '.join(arguments)} ({directory})", file=sys.stderr, flush=True)
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment(directory),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def school(students: int, years: int = YEARS) -> str:
    """A demo school of this size, made once, and what care keeps of everybody; returns its data directory's name."""
    name = f"school-{students}" if years == YEARS else f"school-{students}-{years}"
    done, cared = CACHE / name / "made", CACHE / name / "cared"
    run(["manage.py", "migrate", "-v0"], name)  # one that was made with older code, too
    if not done.exists():
        run(["manage.py", "demo_school", "--students", str(students), "--years", str(years)], name)
        done.touch()
    if not cared.exists():
        run(["-m", "bench.crowd"], name)
        cared.touch()
    return name


def empty(name: str) -> str:
    run(["manage.py", "migrate", "-v0"], name)
    return name


def measure(part: str) -> dict:
    if part in ("duties", "misses", "tsp", "ilsa"):
        return json.loads(run(["-m", f"bench.{part}"], empty(part)))
    if part == "pages":
        return {str(n): json.loads(run(["-m", "bench.pages"], school(n))) for n in SCHOOLS}
    if part == "home":
        return json.loads(run(["-m", "bench.home"], school(60, years=10)))
    return json.loads(
        run(["-m", f"bench.{part}"], school(SCHOOLS[-1] if part == "saturation" else SCHOOLS[0]))
    )


def rows(results: dict) -> list[tuple[str, str]]:
    """The results flattened for the screen: path and value."""
    found = []
    for key, value in results.items():
        if isinstance(value, dict):
            found += [(f"{key} · {inner}", shown) for inner, shown in rows(value)]
        else:
            found.append((key, f"{value:,.2f}" if isinstance(value, float) else str(value)))
    return found


def against_budget(pages: dict) -> list[str]:
    """Each page that has a budget: what was measured beside what it may take, in the small and the large school."""
    lines = []
    small, large = (pages.get(str(size), {}) for size in SCHOOLS)
    for name, budget in BUDGET.items():
        for size, measured, most in (
            (SCHOOLS[0], small.get(name), budget),
            (SCHOOLS[1], large.get(name), BUDGET_LARGE.get(name) or _grown(small.get(name))),
        ):
            if measured and most:
                times = measured["times_bare"]
                verdict = "" if times <= most else "   over"
                lines.append(f"{name:<20}{size:>6} students{times:>8.1f} of {most:.1f}{verdict}")
    return lines


def _grown(small: dict | None) -> float | None:
    return small["times_bare"] * GROWTH if small else None


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    chosen = parser.parse_args().parts or PARTS
    CACHE.mkdir(parents=True, exist_ok=True)
    path = HERE / "results.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results["machine"] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "system": platform.machine(),
    }
    for part in chosen:
        results[part] = measure(part)
        path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    for name, value in rows({part: results[part] for part in chosen}):
        print(f"{name:<70}{value:>14}")
    if "pages" in chosen:
        print("\nTimes the bare page")
        print("\n".join(against_budget(results["pages"])))


if __name__ == "__main__":
    main()
