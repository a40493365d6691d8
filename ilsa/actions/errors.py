"""Why a write was refused, in words for the person who tried: the same two as for a form's versions, and blanks."""

from __future__ import annotations

from keywork.errors import ChangedMeanwhile, Refused

__all__ = ["Blanks", "ChangedMeanwhile", "Refused"]


class Blanks(Refused):
    """A form with blanks cannot be submitted; `items` are their slugs in the order of the form."""

    def __init__(self, items: list[str]) -> None:
        count = len(items)
        super().__init__(
            "One question still needs an answer" if count == 1 else f"{count} questions still need an answer"
        )
        self.items = items
