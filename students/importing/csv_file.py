"""CSV as MIS export it: UTF-8 with or without BOM, else Windows-1252; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from keywork.errors import Refused

from .columns import known_headings
from .source import MAX_CELL, TOP, Known, Table, table

DELIMITERS = ",;\t"
# Marks that never follow a letter: in files of another encoding they stand for accented letters (Zo‘ for Zoë).
_NOT_WINDOWS = re.compile(r"[^\W\d_][‘“‡†‚„ˆ‰‹•˜›]")
_SEPARATOR = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)


def read(path: Path, known: Known = known_headings) -> Table:
    """Every cell is text as it stands: leading zeros stay. Raises Refused for binary or broken files."""
    csv.field_size_limit(MAX_CELL * 4)
    text = _decoded(path.read_bytes())
    said = _SEPARATOR.match(text)  # Excel's own first line, "sep=;"
    delimiter = said[1] if said else _delimiter(text)
    lines = _lines(text, delimiter)
    if said:
        next(lines)
    return table("csv", lines, known)


def _decoded(data: bytes) -> str:
    if b"\0" in data:
        raise Refused(
            "The file holds NUL bytes, so it is not plain text, or it is in UTF-16. Save it as UTF-8 (in Excel: CSV UTF-8)."
        )
    is_utf8 = True
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text, is_utf8 = data.decode("cp1252"), False
        except UnicodeDecodeError as error:
            raise Refused(
                "The letters of the file can be read neither as UTF-8 nor as Windows-1252. Save it as UTF-8 (in Excel: CSV UTF-8)."
            ) from error
    if not is_utf8 and _NOT_WINDOWS.search(text):
        raise Refused(
            "Some letters of the file are neither UTF-8 nor Windows-1252: it may come from a Mac. Save it as UTF-8 (in Excel: CSV UTF-8)."
        )
    if any(ord(c) < 32 and c not in "\t\r\n\f\v" for c in text[:100_000]):
        raise Refused("The file holds control characters, so it is not plain text. Export it again as CSV.")
    return text


def _delimiter(text: str) -> str:
    """The delimiter that splits one of the first lines into the most cells: a title may stand above the headings."""
    top = [line for line in islice(io.StringIO(text), TOP) if line.strip() and len(line) <= MAX_CELL * 4]
    return max(
        DELIMITERS,
        key=lambda mark: max((len(next(csv.reader([line], delimiter=mark))) for line in top), default=0),
    )


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = lines.line_num + 1  # where the row begins: a quoted cell may span lines
        try:
            yield number, next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            if "field larger" in str(error):
                raise Refused(f"Row {number} has a cell that is far too long.") from error
            raise Refused(
                f"Row {number} cannot be read as CSV: a quotation mark is open or out of place."
            ) from error
