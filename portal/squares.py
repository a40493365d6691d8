"""Squares for a phone's camera (QR codes), as a path to be drawn on paper."""

from __future__ import annotations

from typing import NamedTuple

import segno


class Square(NamedTuple):
    size: int
    path: str


def square(address: str) -> Square:
    made = segno.make(address, error="m")
    dark = (
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(made.matrix_iter(border=2))
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return Square(int(made.symbol_size(border=2)[0]), "".join(dark))
