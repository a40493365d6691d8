"""What is asked of a student, a parent or a carer, as their own pages list it (templates/home/_turns.html)."""

from __future__ import annotations

from typing import Final, NamedTuple

MOST_TURNS: Final = 3


class Turn(NamedTuple):
    """One thing asked of somebody."""

    title: str
    words: str
    url: str
    button: str
