"""Which plans parents and carers read: the version in force of each kind that says so, and of no other."""

from __future__ import annotations

from typing import Any

from keywork.access import Can

from .kinds import KINDS
from .models import PlanVersion, PlanVersionQuerySet


def shared() -> PlanVersionQuerySet:
    kinds = [slug for slug, kind in KINDS.items() if kind.home]
    return PlanVersion.objects.newest().filter(plan__kind__in=kinds)


def plans_at_home(user: Any, student: Any) -> list[PlanVersion]:
    """Those of this child, in the order of the kinds; one query."""
    rows = shared().visible_to(user, Can.VIEW_FAMILY_HOME).filter(plan__student=student)
    order = list(KINDS)
    return sorted(rows.select_related("plan"), key=lambda row: order.index(row.plan.kind))
