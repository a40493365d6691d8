"""How many students one person may have, and whom to suggest for a post (domain 5.3).

Pure: who knows whom, and who has how many, is read elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

FULL_WEEK = Decimal(5)
KEYWORKER, DEPUTY, MENTOR = "keyworker", "deputy", "mentor"
# Keyworkers are placed first: whoever becomes a student's keyworker is not suggested as their deputy.
PLACED = (KEYWORKER, DEPUTY, MENTOR)


class How(StrEnum):
    """How a student knows somebody; and why somebody is suggested whom they do not know, or nobody is."""

    DEPUTY = "deputy"
    BEFORE = "was the keyworker before"
    MENTOR = "mentor"
    CORE = "core"
    ROOM = "has most room"
    NOBODY = "nobody has room"


# Who of a student's own people is asked first, for each post: continuity comes before an even load.
KNOWN = {
    KEYWORKER: (How.DEPUTY, How.BEFORE, How.MENTOR, How.CORE),
    DEPUTY: (How.MENTOR, How.CORE),
    MENTOR: (),
}


class Wanted(NamedTuple):
    """A post that somebody is to be suggested for; `key` is the caller's own."""

    key: int
    student: int
    kind: str


class Tie(NamedTuple):
    """Somebody whom a student knows, and since when; until when, of a keyworker before."""

    student: int
    user: int
    how: How
    day: date


class Worker(NamedTuple):
    """Somebody who could take a post."""

    user: int
    days_a_week: Decimal = FULL_WEEK


class Suggested(NamedTuple):
    user: int | None
    how: How
    day: date | None = None


class LoadBar:
    """How many somebody has, against their limit where there is one, as it is drawn."""

    __slots__ = ()
    load: int
    cap: int | None

    @property
    def is_full(self) -> bool:
        return self.cap is not None and self.load >= self.cap

    @property
    def above(self) -> int:
        return 0 if self.cap is None else max(0, self.load - self.cap)

    @property
    def shown_load(self) -> int:
        """Never longer than the bar itself."""
        return self.load if self.cap is None else min(self.load, self.cap)


def own_cap(cap: int | None, days_a_week: Decimal) -> int | None:
    """The school's limit, pro rata for whoever works part of the week; nobody's is none at all."""
    if cap is None or days_a_week >= FULL_WEEK:
        return cap
    return max(1, int(cap * days_a_week / FULL_WEEK))


def days_in_words(days_a_week: Decimal) -> str:
    """ "3 days a week", "2.5 days a week"."""
    number = f"{days_a_week.normalize():f}"
    return f"{number} day{'' if number == '1' else 's'} a week"


def suggest(
    wanted: Sequence[Wanted],
    ties: Iterable[Tie],
    workers: Mapping[str, Sequence[Worker]],
    loads: Mapping[str, Mapping[int, int]],
    caps: Mapping[int, int | None],
    *,
    keyworkers: Collection[tuple[int, int]] = (),
    never: Collection[int] = (),
    family: Collection[tuple[int, int]] = (),
) -> Mapping[int, Suggested]:
    """Of each wanted post by its key: somebody the student knows, else who has most room for the days they work.

    As keyworker nobody above their own cap (`caps`), and as another nobody who is the student's keyworker
    (`keyworkers`, of student and user). Nobody of `never` (away, leaving), nobody of the student's `family`.
    `ties` are in the order in which people are asked; `workers` and `loads` are for each kind of post, `workers`
    in the order that decides between equals. What was suggested counts towards the next.
    """
    known: dict[int, list[Tie]] = {}
    for tie in ties:
        known.setdefault(tie.student, []).append(tie)
    of_kinds = {kind: dict(loads.get(kind, {})) for kind in PLACED}
    suggesting = _Suggesting(
        wanted, known, workers, of_kinds, caps, set(keyworkers), frozenset(never), frozenset(family)
    )
    return suggesting.all()


@dataclass(slots=True)
class _Suggesting:
    wanted: Sequence[Wanted]
    ties: Mapping[int, Sequence[Tie]]  # by student
    workers: Mapping[str, Sequence[Worker]]
    loads: Mapping[str, dict[int, int]]
    caps: Mapping[int, int | None]
    keyworkers: set[tuple[int, int]]
    never: Collection[int]
    family: Collection[tuple[int, int]]
    found: dict[int, Suggested] = field(default_factory=dict)

    def all(self) -> Mapping[int, Suggested]:
        for kind in PLACED:
            of_kind = [one for one in self.wanted if one.kind == kind]
            for one in of_kind:
                self._someone_known(one)
            for one in of_kind:
                if one.key not in self.found:
                    self._most_room(one)
        return self.found

    def _someone_known(self, one: Wanted) -> None:
        for how in KNOWN[one.kind]:
            for tie in self.ties.get(one.student, ()):
                if tie.how is how and self._may(one, tie.user):
                    return self._take(one, tie.user, how, tie.day)
        return None

    def _most_room(self, one: Wanted) -> None:
        may = [worker for worker in self.workers.get(one.kind, ()) if self._may(one, worker.user)]
        if not may:
            self.found[one.key] = Suggested(None, How.NOBODY)
            return
        held = self.loads[one.kind]
        best = min(may, key=lambda worker: held.get(worker.user, 0) / worker.days_a_week)
        self._take(one, best.user, How.ROOM)

    def _may(self, one: Wanted, user: int) -> bool:
        if user in self.never or (one.student, user) in self.family:
            return False
        if one.kind == KEYWORKER:
            cap = self.caps.get(user)
            return cap is None or self.loads[KEYWORKER].get(user, 0) < cap
        return (one.student, user) not in self.keyworkers

    def _take(self, one: Wanted, user: int, how: How, day: date | None = None) -> None:
        held = self.loads[one.kind]
        held[user] = held.get(user, 0) + 1
        if one.kind == KEYWORKER:
            self.keyworkers.add((one.student, user))
        self.found[one.key] = Suggested(user, how, day)
