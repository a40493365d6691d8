"""CSV as MIS export it: UTF-8 with or without BOM, else Windows-1252; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from .source import MAX_CELL, ImportRefused, Table, table

DELIMITERS = ",;\t"


def read(path: Path) -> Table:
    """Every cell is text as it stands: leading zeros stay. Raises ImportRefused for binary or broken files."""
    text = _decoded(path.read_bytes())
    delimiter = _delimiter(text)
    csv.field_size_limit(MAX_CELL * 4)
    return table("csv", _lines(text, delimiter))


def _decoded(data: bytes) -> str:
    if b"\0" in data:
        raise ImportRefused(
            "The file holds NUL bytes, so it is not plain text, or it is in UTF-16. Save it as UTF-8 (in Excel: CSV UTF-8)."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as error:
            raise ImportRefused(
                "The letters of the file can be read neither as UTF-8 nor as Windows-1252. Save it as UTF-8 (in Excel: CSV UTF-8)."
            ) from error
    if any(ord(c) < 32 and c not in "\t\r\n\f\v" for c in text[:100_000]):
        raise ImportRefused(
            "The file holds control characters, so it is not plain text. Export it again as CSV."
        )
    return text


def _delimiter(text: str) -> str:
    """The delimiter that splits the first line into the most cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark))))


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = lines.line_num + 1  # where the row begins: a quoted cell may span lines
        try:
            yield number, next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            raise ImportRefused(
                f"Row {number} cannot be read as CSV: a quotation mark is open or out of place."
            ) from error
