"""Days on which nobody at school contacts a student's home.

Record apps do not know each other: the log, which keeps the holds, registers here who asks it, and whoever else would
write to home asks here first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

_askers: list[Callable[[int, date], bool]] = []


def register(asker: Callable[[int, date], bool]) -> None:
    if asker not in _askers:
        _askers.append(asker)


def on_hold(student_id: int, on: date) -> bool:
    """Is home to be left alone about this student on this day?"""
    return any(asker(student_id, on) for asker in _askers)
