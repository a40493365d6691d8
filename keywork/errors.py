"""Why a write was refused, in words for the person who tried."""

from __future__ import annotations

from typing import Any


class Refused(ValueError):
    """It cannot be written so; `field` names the input to put right, "" when it is none."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class ChangedMeanwhile(Exception):
    """Someone else changed the same thing; `current` is it as it is now, `by` their name ("" if unknown)."""

    def __init__(self, current: Any = None, by: str = "") -> None:
        super().__init__("It was changed meanwhile.")
        self.current = current
        self.by = by
