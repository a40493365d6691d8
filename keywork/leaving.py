"""What is still open when a student leaves, in apps that `students` does not know: each registers a sentence."""

from __future__ import annotations

from collections.abc import Callable

# Student id to sentences about what waits for an answer and does not end by itself.
Waiting = Callable[[int], list[str]]
_waiting: dict[str, Waiting] = {}


def register(name: str, waiting: Waiting) -> None:
    """Called from AppConfig.ready()."""
    _waiting[name] = waiting


def still_waiting(student_id: int) -> list[str]:
    return [line for waiting in _waiting.values() for line in waiting(student_id)]
