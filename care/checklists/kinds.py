"""The lists there are: data, not code. Another one is an entry of `fixtures/checklists.json`; a school rewrites its points."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keywork.words import worded_lazy

# Who can own a point: those around the student, and roles of the school.
OWNERS: Mapping[str, str] = {
    "keyworker": worded_lazy("Keyworker"),
    "mentor": "Mentor",
    "head": worded_lazy("Head of Social Education"),
    "coordinator": worded_lazy("TSP coordinator"),
    "transition": "Transition Manager",
    "post16": "Post-16 coordinator",
}
ROLES = frozenset(OWNERS) - {"keyworker", "mentor"}


KEY = re.compile(r"[0-9a-z]{1,12}")


@dataclass(frozen=True, slots=True)
class PointKind:
    """`days` after the day the list is counted from; `ticks` what ticks it by itself. `key` stays from version to version."""

    what: str
    owner: str
    days: int
    ticks: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ListKind:
    slug: str
    name: str
    starts: str
    led_by: str
    lead_days: int
    points: Sequence[PointKind]
    number: int = 1


def _shipped() -> dict[str, ListKind]:
    path = Path(__file__).parents[1] / "fixtures" / "checklists.json"
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["slug"]: with_points(ListKind(**row), row["points"]) for row in rows}


def with_points(kind: ListKind, points: Sequence[Mapping[str, Any]], number: int = 1) -> ListKind:
    known = (
        PointKind(**{**one, "key": one["key"] if KEY.fullmatch(one.get("key", "")) else str(place)})
        for place, one in enumerate(points)
    )
    return replace(kind, number=number, points=tuple(known))


SHIPPED: dict[str, ListKind] = _shipped()
