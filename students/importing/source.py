"""A file of people as a table, whatever its format; anything strange is refused with a sentence to show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO

from django.core.files import File

from keywork.errors import Refused
from keywork.names import one_line
from keywork.spreadsheet import as_written
from keywork.words import worded

from .columns import known_headings

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 5_000  # characters
TOP = 30  # lines among which the headings are looked for


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: its number as the reader of the file counts, and its cells as text, blanks as ''."""

    number: int
    cells: tuple[str, ...]

    def filled(self, columns: Sequence[str]) -> dict[str, str]:
        """The cells that hold anything, by the column that theirs is matched to."""
        return {name: cell for name, cell in zip(columns, self.cells, strict=True) if name and cell}


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows. `canonical` is true where the headings are already canonical columns (CTF)."""

    kind: str
    headings: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    canonical: bool = False
    notes: tuple[str, ...] = field(default=())


def too_many_rows() -> Refused:
    return Refused(f"The file has more than {MAX_ROWS:,} rows. Split it and import the parts.")


def size_and_hash(file: BinaryIO | File, limit: int) -> tuple[int, str]:
    """Bytes and SHA-256 of the file, read in pieces. Raises Refused above `limit` bytes."""
    digest, size = hashlib.sha256(), 0
    while piece := file.read(1 << 20):
        size += len(piece)
        if size > limit:
            raise Refused(
                f"The file is larger than {limit // (1024 * 1024)} MB. Split it and import the parts."
            )
        digest.update(piece)
    return size, digest.hexdigest()


Known = Callable[[Sequence[str]], int]  # how many of the headings of a line are known


def table(kind: str, lines: Iterator[tuple[int, list[str]]], known: Known = known_headings) -> Table:
    """The headings are the first line with two that are `known`, near the top, else the first that holds anything.

    So cover lines and titles above them are read past. Blank lines are passed over.
    """
    headings: tuple[str, ...] = ()
    rows: list[SourceRow] = []
    notes: tuple[str, ...] = ()
    top = [
        (number, cells) for number, line in islice(lines, TOP) if any(cells := [clean(cell) for cell in line])
    ]
    start = next((place for place, (_, cells) in enumerate(top) if known(cells) > 1), 0)
    if start:
        notes = (f"The headings are in row {top[start][0]}; the rows above them are passed over.",)
    for number, line in chain(top[start:], lines):
        cells = [clean(cell) for cell in line]
        if not any(cells):
            continue
        if not headings:
            while cells and not cells[-1]:
                cells.pop()
            headings = tuple(cells)
            if len(headings) > MAX_COLUMNS:
                raise Refused(
                    f"The file has more than {MAX_COLUMNS} columns. Is it a list of {worded('students')}?"
                )
            continue
        if len(rows) == MAX_ROWS:
            raise too_many_rows()
        if any(cells[len(headings) :]):
            raise Refused(f"Row {number} has more cells than the file has headings. Export the file again.")
        cells = cells[: len(headings)]
        rows.append(SourceRow(number, tuple(cells + [""] * (len(headings) - len(cells)))))
    if not headings:
        raise Refused("The file is empty.")
    if not rows:
        raise Refused("The file has headings but no rows.")
    return Table(kind, headings, tuple(rows), notes=notes)


def clean(cell: str) -> str:
    """Text in composed letters without control characters or doubled spaces; line breaks become spaces.

    The mark by which our own file of rows left out keeps a cell from being a formula goes again.
    """
    if len(cell) > MAX_CELL:
        raise Refused(
            f"One cell holds more than {MAX_CELL:,} characters. Is it a list of {worded('students')}?"
        )
    return one_line(as_written(cell))
