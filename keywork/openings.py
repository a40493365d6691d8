"""The list of who opened what, told as its reader may know it now, whatever a row was named when it was left.

Of a kind of row that names what not every reader of the list knows of, its app says what may be told: `register`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .models import RecordOpening

Tell = Callable[[str], str]  # what of a row's `detail` is told
_tellers: dict[str, Callable[[Any, Any], Tell]] = {}


def register(what: str, teller: Callable[[Any, Any], Tell]) -> None:
    """Of rows of this kind: `teller` is given who reads and the student, and may ask one query."""
    _tellers[what] = teller


def tell(reader: Any, student: Any, rows: Iterable[RecordOpening]) -> list[tuple[RecordOpening, str]]:
    """Each row with its detail as this reader may know it; a query more at most for each kind of row."""
    rows = list(rows)
    tells = {what: _tellers[what](reader, student) for what in {row.what for row in rows} & _tellers.keys()}
    return [(row, tells.get(row.what, str)(row.detail)) for row in rows]
