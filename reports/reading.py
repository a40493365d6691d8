"""Who may see, write and choose which part of a report: the one place that asks for a part's own right (`can`).

A part without one is for whoever may make the report, or open it. What is printed holds every part, so a document is
opened, checked and released only by who may read all of it. Families and people outside get what was released to them.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.db.models import Q

from keywork.access import Can, allows, scope_q
from keywork.scoped import ScopedQuerySet

OF_FAMILY = frozenset({Can.READ_RELEASED, Can.VIEW_MY_PAGE})


class Part(Protocol):
    """A section of a report (reports.sections), a part of an evidence pack (reports.pack.offers)."""

    @property
    def can(self) -> Can | None: ...


P = TypeVar("P", bound=Part)


# The table of reports.kinds, put here when the app is ready: kinds are made of this app's models, which ask here.
KINDS: ChainMap[str, Any] = ChainMap()


def may(part: Part, user: Any, student: Any) -> bool:
    """May this person see this part of a student's report, and write or choose it?"""
    return part.can is None or allows(user, part.can, student)


def theirs(parts: Iterable[P], user: Any, student: Any) -> list[P]:
    return [one for one in parts if may(one, user, student)]


def is_whole(parts: Iterable[Part], user: Any, student: Any) -> bool:
    return all(may(one, user, student) for one in parts)


class WholeQuerySet(ScopedQuerySet):
    """Reports of kinds (`kind`). `whole_for` are the rights by which all of one is read: None for every right of staff."""

    whole_for: frozenset[Can] | None = None

    def visible_to(self, user: Any, can: Can) -> Any:
        found = super().visible_to(user, can)
        if can in OF_FAMILY or (self.whole_for is not None and can not in self.whole_for):
            return found
        if not KINDS:
            raise LookupError("No kind of report has said what its parts ask for.")
        for slug, kind in KINDS.items():
            for own in {one.can for one in kind.sections if one.can is not None}:
                over = scope_q(user, own, self.student_path)
                if over:  # an empty condition is everybody's, and would vanish beside another
                    found = found.filter(~Q(kind=slug) | over)
        return found
