"""Who else has a student's TSP of a term open, and where in it: a courtesy, kept in the cache for a minute.

Two people arriving in the same instant may miss each other until the next look; nothing depends on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache

from keywork import clock
from keywork.models import User

STAYS_SECONDS = 50  # two looks of a page, one of which was lost


@dataclass(frozen=True, slots=True)
class Here:
    name: str
    where: str


def arrive(user: User, student_id: int, term: str, where: str) -> list[Here]:
    """Say that this person is here now, and hear who else is. `where` is a few words, "Goals"."""
    key = f"tsp-here:{student_id}:{term}"
    now = clock.now().timestamp()
    people: dict[str, tuple[str, str, float]] = cache.get(key) or {}  # the cache keeps keys as text
    people = {pk: one for pk, one in people.items() if now - one[2] < STAYS_SECONDS}
    people[str(user.pk)] = (user.name, where[:80], now)
    cache.set(key, people, STAYS_SECONDS)
    return [Here(name, place) for pk, (name, place, _) in people.items() if pk != str(user.pk)]
