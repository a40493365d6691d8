"""What the duties have worked out, kept in this process: students alike are read once, whichever page they are on.

A reading is a pure value of plain facts, a day, the policy and the calendar; worked out again it would be the same.
Calendar and policy are part of what it is kept under, and are new objects as soon as the school changes them
(keywork.school). Nothing of a person, and nothing about who may see what, is in it.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

DAYS_KEPT = 32  # of all duties together: today's, and those of a report that looks back
MOST = 20_000  # readings of one day; a school has some hundreds


@lru_cache(maxsize=DAYS_KEPT)
def _kept(duty: str, *given: Hashable) -> dict[Any, Any]:
    return {}


def readings(duty: str, *given: Hashable) -> dict[Any, Any]:
    """The readings of one duty under the same day, policy, calendar and whatever else its rule is given."""
    found = _kept(duty, *given)
    if len(found) > MOST:
        found.clear()
    return found
