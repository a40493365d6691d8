"""Why a form cannot be sent, in words for the person who tried."""

from __future__ import annotations

from keywork.errors import Refused


class Blanks(Refused):
    """A form with blanks cannot be submitted; `items` are their slugs in the order of the form."""

    def __init__(self, items: list[str]) -> None:
        count = len(items)
        super().__init__(
            "One question still needs an answer" if count == 1 else f"{count} questions still need an answer"
        )
        self.items = items
