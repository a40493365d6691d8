"""The kinds of plan there are: data, not code (domain 1.6), so that the law may change without a migration.

Another kind, an individual support plan say, is one more entry of `fixtures/plan_types.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

EHCP = "ehcp"


@dataclass(frozen=True, slots=True)
class PlanType:
    """`name` as in a sentence, `outcomes` the heading over its outcomes, `made_by` whose document it is."""

    slug: str
    name: str
    outcomes: str
    made_by: str


def _shipped() -> dict[str, PlanType]:
    rows = json.loads((Path(__file__).parent / "fixtures" / "plan_types.json").read_text(encoding="utf-8"))
    return {row["slug"]: PlanType(**row) for row in rows}


PLAN_TYPES: dict[str, PlanType] = _shipped()


def plan_type(slug: str) -> PlanType:
    """The kind of this slug; one that is no longer in the file keeps its slug for a name."""
    return PLAN_TYPES.get(slug) or PlanType(slug, slug, "Outcomes sought", "local authority")
