"""Who reads and who writes a plan of a kind: its audience names the right, `keywork.access` says who has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from keywork.access import Can, allows, scope_q
from keywork.models import Assignment
from keywork.words import worded

from .kinds import CORE, GUARDED, KINDS, PROFILE, PlanKind, slugs_of

READ_WITH: Mapping[str, Can] = {
    CORE: Can.VIEW_KEPT_PLANS,
    GUARDED: Can.VIEW_SAFEGUARDING_PLANS,
    PROFILE: Can.VIEW_PROFILE,
}
READ = Can.VIEW_PROFILE  # whoever reads any of them has it


def reads(user: Any, kind: PlanKind, student: Any) -> bool:
    return allows(user, READ_WITH[kind.audience], student)


def guarded(path: str = "") -> Q:
    """Plans that only the core team and the safeguarding lead read; a kind that is in no file any more is one of them."""
    open_kinds = [slug for slug, one in KINDS.items() if one.audience != GUARDED]
    return ~Q(**{f"{path}kind__in": open_kinds})


def readable(user: Any, path: str = "") -> Q:
    """The twin of `reads` for rows: `path` leads to the plan. A kind that is in no file any more reads as safeguarding."""
    student, kind = f"{path}student_id", f"{path}kind"
    found = scope_q(user, READ_WITH[GUARDED], student) & guarded(path)
    for audience in (CORE, PROFILE):
        found |= scope_q(user, READ_WITH[audience], student) & Q(**{f"{kind}__in": slugs_of(audience)})
    return found


def keep_with(kind: PlanKind) -> Can:
    """What lets somebody write it: one that the mentor keeps too is theirs as well."""
    return Can.KEEP_SHARED_PLANS if Assignment.Kind.MENTOR in kind.kept_by else Can.KEEP_PLANS


def keeps(user: Any, kind: PlanKind, student: Any) -> bool:
    """Nobody writes what they could not read."""
    return reads(user, kind, student) and allows(user, keep_with(kind), student)


def kinds_read(user: Any, student: Any) -> list[PlanKind]:
    return [kind for kind in KINDS.values() if reads(user, kind, student)]


def is_guarded(kind: PlanKind) -> bool:
    return kind.audience == GUARDED


def seen_by(kind: PlanKind) -> str:
    """Who can read it, in words."""
    return {
        CORE: "Core team, and those who lead",
        GUARDED: "Core team and safeguarding lead only",
        PROFILE: worded("Everyone who works with the student"),
    }[kind.audience]
