"""A big school in pieces, so that memory stays small and a killed job has done whole pieces.

Who left and came back is in several: once with each of their stays on roll.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .sql import rows

SIZE = 20_000


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
