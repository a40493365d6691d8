"""Why a write to the log was refused, in words for the person who tried."""

from __future__ import annotations

from typing import Any


class LogRefused(ValueError):
    """The entry cannot be written so; `field` names the input to put right, "" when it is none."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ChangedMeanwhile(Exception):
    """Someone else wrote a newer version (or crossed the entry out); `current` is the entry as it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__("The entry was changed meanwhile.")
        self.current = current
