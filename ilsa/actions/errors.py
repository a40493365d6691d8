"""Why a write was refused, in words for the person who tried."""

from __future__ import annotations

from typing import Any


class Refused(ValueError):
    """It cannot be written so; `field` names the input to put right, "" when it is none."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class Blanks(Refused):
    """A form with blanks cannot be submitted; `items` are their slugs in the order of the form."""

    def __init__(self, items: list[str]) -> None:
        count = len(items)
        super().__init__(
            "One question still needs an answer" if count == 1 else f"{count} questions still need an answer"
        )
        self.items = items


class ChangedMeanwhile(Exception):
    """Someone else changed the same thing; `current` is it as it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__("It was changed meanwhile.")
        self.current = current
