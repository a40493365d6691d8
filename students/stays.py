"""The stays on roll of one student: somebody who leaves and comes back has several.

Pure functions of civil dates; first and last days are inclusive, and stays are given oldest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Stay(NamedTuple):
    """From the first day on roll to the last, known or planned."""

    joined_on: date
    left_on: date | None = None

    def includes(self, on: date) -> bool:
        return self.joined_on <= on and (self.left_on is None or on <= self.left_on)

    def touches(self, first: date, last: date) -> bool:
        return self.joined_on <= last and (self.left_on is None or self.left_on >= first)


def stay_on(stays: Sequence[Stay], on: date) -> Stay:
    """The stay that decides about a day: the one it is in, else the latest begun by then, else the first to come.

    No two overlap, so the latest begun is the one the day is in, if it is in any.
    """
    begun = [stay for stay in stays if stay.joined_on <= on]
    return begun[-1] if begun else stays[0]


def came_back_on(stays: Sequence[Stay], on: date) -> date | None:
    """Of a day between two stays: the first day of the next. None on roll, after the last stay and before the first."""
    stay = stay_on(stays, on)
    if stay.includes(on) or on < stay.joined_on:
        return None
    return next((later.joined_on for later in stays if later.joined_on > on), None)
