"""Cells that leave Keywork for a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
from django.http import HttpResponse

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")

A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
COLUMN_WIDTH = 16  # in digits: room for a day, which a spreadsheet else shows as ####


def harmless(cell: str) -> str:
    """The cell as text, never as a formula, whatever a name begins with."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def as_written(cell: str) -> str:
    """A cell that `harmless` made text, as it was before."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def table_answer(kind: str, name: str, lines: Iterable[Iterable[Any]]) -> HttpResponse:
    """The lines as "csv" or "xlsx", to be kept under this name."""
    answer = csv_answer if kind == "csv" else xlsx_answer
    return answer(f"{name}.{kind}", lines)


def xlsx_answer(filename: str, lines: Iterable[Iterable[Any]]) -> HttpResponse:
    """The lines as an Excel workbook, its first row kept in sight. Cells with text went through `harmless`.

    Numbers and days are such there, to be added up and put in order: a day is what reads as in a CSV, 2026-11-30.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Keywork")
    sheet.freeze_panes = "A2"
    sheet.sheet_format.defaultColWidth = COLUMN_WIDTH
    for line in lines:
        sheet.append([_as_day(cell) for cell in line])
    made = BytesIO()
    book.save(made)
    return HttpResponse(
        made.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _as_day(cell: Any) -> Any:
    if isinstance(cell, str) and A_DAY.fullmatch(cell):
        with suppress(ValueError):
            return date.fromisoformat(cell)
    return cell


def csv_answer(filename: str, lines: Iterable[Iterable[Any]]) -> HttpResponse:
    """The lines as a CSV file to be kept under this name. Cells with text went through `harmless`."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
    response.write("\ufeff")  # or Excel reads the accents of names wrongly
    csv.writer(response).writerows(lines)
    return response
