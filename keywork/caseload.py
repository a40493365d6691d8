"""How many students a keyworker holds on a day, and when that is more than the school allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Spell:
    """One primary assignment and the student's time on roll. Days are inclusive; None is open-ended."""

    student_id: int
    starts_on: date
    ends_on: date | None = None
    joined_on: date | None = None
    left_on: date | None = None

    def open_on(self, day: date) -> bool:
        """Whether the assignment is open on this day for a student on roll."""
        return (
            self.starts_on <= day
            and (self.ends_on is None or day <= self.ends_on)
            and (self.joined_on is None or self.joined_on <= day)
            and (self.left_on is None or day <= self.left_on)
        )


def caseload_on(spells: Iterable[Spell], day: date) -> int:
    """How many students these assignments of one keyworker make on this day."""
    return len({spell.student_id for spell in spells if spell.open_on(day)})


def over_cap(caseload: int, cap: int | None) -> bool:
    """Whether this many students is more than the cap and so needs a recorded reason. No cap, no limit."""
    return cap is not None and caseload > cap
