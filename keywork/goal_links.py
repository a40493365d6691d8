"""Goals as other apps know them: those of a student, and those that grow from something an app keeps, such as an item
of the independence assessment.

Record apps do not know each other. Whoever has something a goal can grow from registers a `GoalSource`; whoever keeps
goals registers its `GoalLinks`. Both then ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .school import SchoolFacts


@dataclass(frozen=True, slots=True)
class LinkedGoal:
    """A goal that grew from `ref`, as its reader may see it."""

    ref: str
    words: str
    url: str
    state: str


@dataclass(frozen=True, slots=True)
class GoalOrigin:
    """What a goal grew from. `area` and `need`, `pfa` are where it usually belongs; `url` where it stands."""

    ref: str
    words: str
    url: str
    area: str = ""
    need: str = ""
    pfa: str = ""


class GoalSource(Protocol):
    kind: str  # the part of a ref before its colon

    def origin(self, ref: str, student_id: int) -> GoalOrigin | None:
        """What this ref of one student stands for; None if there is no such thing."""
        ...


class GoalLinks:
    """What the app that keeps goals answers; as it stands here, where there is none."""

    def linked_goals(self, student: Any, kind: str) -> Sequence[LinkedGoal]:
        """The goals of one student that grew from things of this kind, newest first; one query."""
        return ()

    def new_url(self, student_id: int, ref: str) -> str:
        """Where a goal is begun from this ref."""
        return ""

    def column(self, student: Any, term: str, reader: Any) -> Any:
        """The goals of a term as this reader may see them, for templates/goals/_column.html."""
        return None

    def quiet_outcomes(self, student: Any, school: SchoolFacts) -> Sequence[Any]:
        """Open outcomes of the plan that nothing was done towards in this term."""
        return ()


_sources: dict[str, GoalSource] = {}
_goals = [GoalLinks()]


def register_source(source: GoalSource) -> None:
    _sources[source.kind] = source


def register_goals(links: GoalLinks) -> None:
    _goals[:] = [links]


def goals() -> GoalLinks:
    return _goals[0]


def origin(ref: str, student_id: int) -> GoalOrigin | None:
    """What a goal grew from; None for a ref of nobody's, or of another student."""
    source = _sources.get(ref.partition(":")[0])
    return source.origin(ref, student_id) if source else None
