"""What opens the records of each level, for reading and so for writing: nobody writes what they could not see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from .access import Can, allows, scope_q
from .levels import Level


def opened_by(general: Can) -> Mapping[Level, Can]:
    """Of records of which `general` opens those of the core team's level."""
    return {
        Level.GENERAL: general,
        Level.RESTRICTED: Can.VIEW_RESTRICTED,
        Level.SAFEGUARDING: Can.VIEW_SAFEGUARDING,
    }


def levels_of(user: Any, student: Any, general: Can) -> list[str]:
    """The twin of `readable_q` for one student: the levels that this person may read, and so write."""
    return [level.value for level, can in opened_by(general).items() if allows(user, can, student)]


def readable_q(user: Any, general: Can) -> Q:
    """Rows with a `student` and a `level` that this person may read."""
    readable = Q()
    for level, can in opened_by(general).items():
        readable |= Q(level=level) & scope_q(user, can, "student_id")
    return readable
