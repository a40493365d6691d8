"""Cells that leave Keywork for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import openpyxl
from django.http import HttpResponse

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


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
    """The lines as an Excel workbook, its first row kept in sight. Cells with text went through `harmless`."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Keywork")
    sheet.freeze_panes = "A2"
    for line in lines:
        sheet.append(list(line))
    made = BytesIO()
    book.save(made)
    return HttpResponse(
        made.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def csv_answer(filename: str, lines: Iterable[Iterable[Any]]) -> HttpResponse:
    """The lines as a CSV file to be kept under this name. Cells with text went through `harmless`."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
    response.write("\ufeff")  # or Excel reads the accents of names wrongly
    csv.writer(response).writerows(lines)
    return response
