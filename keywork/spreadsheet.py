"""Cells that leave Keywork for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def harmless(cell: str) -> str:
    """The cell as text, never as a formula, whatever a name begins with."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def as_written(cell: str) -> str:
    """A cell that `harmless` made text, as it was before."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell


def csv_answer(filename: str, lines: Iterable[Iterable[Any]]) -> HttpResponse:
    """The lines as a CSV file to be kept under this name. Cells with text went through `harmless`."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
    response.write("\ufeff")  # or Excel reads the accents of names wrongly
    csv.writer(response).writerows(lines)
    return response
