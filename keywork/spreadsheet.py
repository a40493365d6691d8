"""Cells that leave Keywork for a spreadsheet."""

from __future__ import annotations

# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def harmless(cell: str) -> str:
    """The cell as text, never as a formula, whatever a name begins with."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
