"""Excel workbooks: the first sheet with known headings, values only. Formulas, bombs, macros and entities are refused."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from keywork.errors import Refused

from .columns import known_headings
from .source import MAX_COLUMNS, MAX_ROWS, TOP, Known, Table, table, too_many_rows

MAX_ENTRIES = 1_000
MAX_UNPACKED = 200 * 1024 * 1024  # bytes
MAX_RATIO = 200  # a workbook of text packs 5 to 30 times
SMALL = 1024 * 1024  # below this a high ratio does no harm
NOT_A_WORKBOOK = (
    "This is not an Excel workbook, or it is damaged. Open it in Excel, save it as .xlsx, and try again."
)
# What reading a damaged or dangerous one can come to: XML errors are a SyntaxError or a ValueError.
BROKEN = (
    zipfile.BadZipFile, InvalidFileException, SyntaxError, LookupError, ValueError, TypeError, AttributeError,
)  # fmt: skip


def read(path: Path, known: Known = known_headings) -> Table:
    """The rows of one sheet. Raises Refused naming the cell of a formula or an error."""
    _check_package(path)
    # An open file, not its path: an upload is kept under a name without an ending, which openpyxl refuses.
    with path.open("rb") as file:
        return _read(file, known)


def _read(file: BinaryIO, known: Known) -> Table:
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except BROKEN as error:
        raise Refused(NOT_A_WORKBOOK) from error
    try:
        if not book.worksheets:
            raise Refused("The workbook has no sheet with cells.")
        sheet = next((sheet for sheet in book.worksheets if _has_headings(sheet, known)), book.worksheets[0])
        read = table("xlsx", _lines(sheet), known)
        if sheet is book.worksheets[0]:
            return read
        return replace(
            read, notes=(f"The sheet “{sheet.title}” is read; the others are passed over.", *read.notes)
        )
    except Refused:
        raise
    except BROKEN as error:
        raise Refused(NOT_A_WORKBOOK) from error
    finally:
        book.close()


def _check_package(path: Path) -> None:
    """Look at the ZIP before anything is unpacked, and at the head of each XML part for a DTD."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if len(parts) > MAX_ENTRIES:
                raise Refused(f"The workbook has more than {MAX_ENTRIES:,} parts inside. It was not opened.")
            if sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Refused("The workbook unpacks to more than 200 MB. It was not opened.")
            for part in parts:
                if part.file_size > SMALL and part.file_size > MAX_RATIO * max(part.compress_size, 1):
                    raise Refused(
                        "The workbook is packed far more tightly than a real one. It was not opened."
                    )
                if part.flag_bits & 1:
                    raise Refused(
                        "The workbook is locked with a password. Save it without one and try again."
                    )
            if "xl/vbaProject.bin" in package.namelist():
                raise Refused("The workbook holds macros. Save it as a plain .xlsx and try again.")
            for part in parts:
                if part.filename.endswith((".xml", ".rels", ".vml")):
                    with package.open(part) as file:
                        head = file.read(65_536).replace(b"\0", b"").upper()
                    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                        raise Refused("The workbook defines its own XML entities. It was not opened.")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as error:
        raise Refused(NOT_A_WORKBOOK) from error


def _lines(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # what a sheet says of its size need not be true
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
        if number > 3 * MAX_ROWS:
            raise too_many_rows()
        yield number, [_text(cell) for cell in cells]


def _has_headings(sheet: Any, known: Known) -> bool:
    """Whether two known headings stand in one of the first rows: a cover sheet has none."""
    sheet.reset_dimensions()
    top = sheet.iter_rows(max_row=TOP, max_col=MAX_COLUMNS, values_only=True)
    return any(known([value for value in line if isinstance(value, str)]) > 1 for line in top)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f" or not isinstance(value, str | int | float | bool | datetime | date | time):
        raise Refused(
            f"Cell {cell.coordinate} holds a formula. In Excel copy the sheet, paste it as values, save, and try again."
        )
    if cell.data_type == "e":
        raise Refused(f"Cell {cell.coordinate} holds the error {value}. Put it right and try again.")
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
