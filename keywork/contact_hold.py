"""Days on which nobody at school contacts a student's home.

Record apps do not know each other: the log, which keeps the holds, registers here who asks it, and whoever else would
write to home asks here first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from .words import worded_lazy

# Student ids and a day to the last held day of those whose home is to be left alone on that day.
Asker = Callable[[Iterable[int], date], Mapping[int, date]]

_askers: list[Asker] = []


# What is said where somebody would write home all the same.
NOTHING_SENT = worded_lazy(
    "Home contact is on hold, so nothing is sent now. Ask the Head of Social Education"
)


def register(asker: Asker) -> None:
    if asker not in _askers:
        _askers.append(asker)


def students_on_hold(student_ids: Iterable[int], on: date) -> dict[int, date]:
    """Those of the students whose home is to be left alone on this day, each with the last such day known."""
    ids = list(student_ids)
    found: dict[int, date] = {}
    for asker in _askers:
        for student_id, until in asker(ids, on).items():
            found[student_id] = max(until, found.get(student_id, until))
    return found


def on_hold(student_id: int, on: date) -> bool:
    """Is home to be left alone about this student on this day?"""
    return student_id in students_on_hold([student_id], on)
