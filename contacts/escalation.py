"""Who is told of a miss on a day: the keyworker or who stands in, the Head, and senior leadership when it repeats.

Pure: the digest reads the facts and asks here. Each person is told once of each miss.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class NotificationKind(StrEnum):
    """What staff are told of by e-mail: all but the last two in one digest a day (contacts.digests)."""

    OWN = "own"
    COVER = "cover"
    ASKED = "asked"
    ANSWERED = "answered"
    SCHOOL = "school"
    REPEATED = "repeated"
    KNOWN = "known"
    MOVED = "moved"


# These come once a week to who wants it so; the rest is one's own to do, and comes on the next school morning.
MAY_WAIT = frozenset({NotificationKind.ANSWERED, NotificationKind.SCHOOL, NotificationKind.REPEATED})
# And these need not come at all: what they tell stands on a page.
MAY_BE_OFF = frozenset({NotificationKind.ANSWERED, NotificationKind.KNOWN, NotificationKind.MOVED})

Stop = Literal["withdrawn", "done", "explained", "left", "held"]
FOR_GOOD: frozenset[Stop] = frozenset({"withdrawn", "done", "explained", "left"})


@dataclass(frozen=True, slots=True)
class MissFacts:
    """One miss as it stands today. `times`: how often the same was missed of the student this term, this one included."""

    is_withdrawn: bool = False
    is_done: bool = False
    is_explained: bool = False
    has_left: bool = False
    is_held: bool = False
    times: int = 1
    own_is_notified: bool = False  # whoever it was that stood in the post


@dataclass(frozen=True, slots=True)
class Line:
    """Whom it goes to, by user id: `first` are keyworker, deputy and mentor, in the order in which they are turned to."""

    first: Sequence[int] = ()
    heads: Collection[int] = ()
    seniors: Collection[int] = ()
    away: Collection[int] = ()


def stopped_by(miss: MissFacts) -> Stop | None:
    """Why nobody is told; what holds for a time alone (`held`) is told when it is over, if it is still so."""
    if miss.is_withdrawn:
        return "withdrawn"
    if miss.has_left:
        return "left"
    if miss.is_done:
        return "done"
    if miss.is_explained:
        return "explained"
    return "held" if miss.is_held else None


def first_notified(line: Line) -> int | None:
    """The keyworker, or who stands in while they are away. None while everyone is: then the Head alone hears."""
    return next((user for user in line.first if user not in line.away), None)


def notified_today(
    miss: MissFacts,
    line: Line,
    *,
    is_school_day: bool,
    repeated_from: int | None,
    notified: Collection[int] = (),
) -> dict[int, NotificationKind]:
    """Who is told today, by user id, and as what. `notified` are those who were told of it before.

    Who is both keyworker and Head, or Head and senior, is told once, as what comes first.
    """
    if not is_school_day or stopped_by(miss) is not None:
        return {}
    found: dict[int, NotificationKind] = {}
    first = first_notified(line)
    if first is not None and not miss.own_is_notified:
        found[first] = NotificationKind.OWN
    _add(found, line.heads, NotificationKind.SCHOOL)
    if repeated_from is not None and miss.times >= repeated_from:
        _add(found, line.seniors, NotificationKind.REPEATED)
    return {user: kind for user, kind in found.items() if user not in notified}


def _add(found: dict[int, NotificationKind], users: Iterable[int], kind: NotificationKind) -> None:
    for user in users:
        found.setdefault(user, kind)


def goes_today(kind: NotificationKind, *, weekly: bool, off: Collection[str], is_first_of_week: bool) -> bool:
    if kind in MAY_BE_OFF and kind.value in off:
        return False
    return not weekly or is_first_of_week or kind not in MAY_WAIT
