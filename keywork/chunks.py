"""A big school in pieces, so that memory stays small and a killed job has done whole pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .sql import rows

SIZE = 20_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some students: a range of ids, or those in a list. Use `condition` in SQL with `params`."""

    first: int
    last: int
    ids: tuple[int, ...] | None = None

    def condition(self, column: str) -> str:
        if self.ids is not None:
            return f"{column} = ANY(%(chunk_ids)s)"
        return f"{column} BETWEEN %(chunk_first)s AND %(chunk_last)s"

    @property
    def params(self) -> dict[str, Any]:
        return {"chunk_first": self.first, "chunk_last": self.last, "chunk_ids": list(self.ids or ())}


def chunks(students: Iterable[int] | None, size: int = SIZE) -> Iterator[Chunk]:
    """All students in ranges of ids, or the given ones in lists."""
    if students is not None:
        ids = sorted(set(students))
        for start in range(0, len(ids), size):
            piece = tuple(ids[start : start + size])
            yield Chunk(piece[0], piece[-1], piece)
        return
    lowest, highest = rows("SELECT min(id), max(id) FROM students_student", {})[0]
    if lowest is not None:
        for first in range(lowest, highest + 1, size):
            yield Chunk(first, first + size - 1)
