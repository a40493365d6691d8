"""A big school in pieces, so that memory stays small and a killed job has done whole pieces.

Who left and came back is in several: once with each of their stays on roll.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.apps import apps
from django.db.models import Q

from .sql import rows

SIZE = 20_000
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


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some students, each in one of their stays on roll: a range of ids, or those in a list.

    In SQL read them `FROM {students} student`, with `condition` and `params`.
    """

    first: int
    last: int
    ids: tuple[int, ...] | None = None
    stay: int = 0  # the latest; 1 the one before it, and so on

    @property
    def students(self) -> str:
        """A table of `id`, `joined_on`, `left_on` and `known_from`; of the latest stay, all that is known of them."""
        if not self.stay:
            return "students_student"
        return f"""(
            SELECT who.id, stay.joined_on, stay.left_on, who.known_from FROM students_student who
            JOIN (SELECT *, row_number() OVER (PARTITION BY student_id ORDER BY joined_on DESC) AS place
                  FROM students_earlierstay) stay ON stay.student_id = who.id AND stay.place = {self.stay:d})"""

    def condition(self, column: str) -> str:
        if self.ids is not None:
            return f"{column} = ANY(%(chunk_ids)s)"
        return f"{column} BETWEEN %(chunk_first)s AND %(chunk_last)s"

    @property
    def params(self) -> dict[str, Any]:
        return {"chunk_first": self.first, "chunk_last": self.last, "chunk_ids": list(self.ids or ())}


def chunks(students: Iterable[int] | None, size: int = SIZE) -> Iterator[Chunk]:
    """All students in ranges of ids, or the given ones in lists; after them those with earlier stays, stay by stay."""
    wanted = None if students is None else set(students)
    if wanted is not None:
        yield from _lists(wanted, size)
    else:
        lowest, highest = rows("SELECT min(id), max(id) FROM students_student", {})[0]
        if lowest is not None:
            for first in range(lowest, highest + 1, size):
                yield Chunk(first, first + size - 1)
    earlier = [
        (student_id, count)
        for student_id, count in rows("SELECT student_id, count(*) FROM students_earlierstay GROUP BY 1", {})
        if wanted is None or student_id in wanted
    ]
    for stay in range(1, max((count for _, count in earlier), default=0) + 1):
        yield from _lists({student_id for student_id, count in earlier if count >= stay}, size, stay)


def _lists(students: Collection[int], size: int, stay: int = 0) -> Iterator[Chunk]:
    ids = sorted(students)
    for start in range(0, len(ids), size):
        piece = tuple(ids[start : start + size])
        yield Chunk(piece[0], piece[-1], piece, stay)
