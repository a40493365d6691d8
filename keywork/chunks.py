"""A big school in pieces, so that memory stays small and a killed job has done whole pieces.

Who left and came back is in several: once with each of their stays on roll.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from django.apps import apps
from django.db.models import Q

PIECE = 2_000  # students whose facts are read at a time


class OnRoll(NamedTuple):
    """A student as the duties ask about them."""

    pk: int
    joined_on: date
    left_on: date | None
    known_from: date | None


def students_by_piece(
    first: date, last: date, students: Iterable[int] | None = None
) -> Iterator[list[OnRoll]]:
    """Everybody on roll at some time from `first` to `last`, or those of the given ids, so many at a time.

    Who left and came back is in several, once with each of their stays.
    """
    wanted = Q() if students is None else Q(pk__in=set(students))
    here = Q(left_on__isnull=True) | Q(left_on__gte=first)
    found = apps.get_model("students", "Student").objects.filter(wanted, here, joined_on__lte=last)
    rows = found.order_by("pk").values_list(*OnRoll._fields)
    piece = [OnRoll(*row) for row in rows[:PIECE]]
    while piece:
        yield piece
        piece = [OnRoll(*row) for row in rows.filter(pk__gt=piece[-1].pk)[:PIECE]]
    wanted = Q() if students is None else Q(student__in=set(students))
    stays = apps.get_model("students", "EarlierStay").objects.filter(wanted, here, joined_on__lte=last)
    again: dict[int, list[OnRoll]] = {}  # by how many stays of theirs come before
    seen: Counter[int] = Counter()
    for row in stays.values_list("student_id", "joined_on", "left_on", "student__known_from"):
        again.setdefault(seen[row[0]], []).append(OnRoll(*row))
        seen[row[0]] += 1
    for some in again.values():
        for start in range(0, len(some), PIECE):
            yield some[start : start + PIECE]
