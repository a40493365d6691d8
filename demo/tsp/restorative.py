"""Restorative conversations between two students: a record for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from tsp.models import Tool

from ..people import Student
from . import words_sheets as said
from .rows import Pen
from .sheets import finish, new_sheet, put_answers
from .when import Span

_DAY = timedelta(days=1)


def restorative_records(
    pen_of: Callable[[Student], Pen], students: list[Student], spans: list[Span], rng: Random
) -> None:
    """Restorative conversations between two students: a record each, joined by nothing but a number."""
    here = [one for one in students if one.left is None]
    known = [one for one in here if one.child is not None]
    for span in spans:
        pairs = [rng.sample(here, 2) for _ in range(max(1, len(here) // 14))] if len(here) > 1 else []
        if span.is_now and len(known) > 7:
            pairs.append([known[2], known[7]])  # Kacper and Noah
            pairs.append([known[0], known[3]])  # Teddy and Aoife
        for one, other in pairs:
            first = max(span.first, one.joined, other.joined) + 2 * _DAY
            last = span.last - 2 * _DAY
            if last <= first:
                continue
            pen = pen_of(one)
            day = pen.weekday(first, last)
            if day < max(one.joined, other.joined):
                continue
            sides = rng.choice(said.RESTORATIVE)
            together = UUID(int=rng.getrandbits(128), version=4)
            open_one = span.is_now and rng.random() < 0.2
            for student, side in zip((one, other), sides, strict=True):
                mine = pen_of(student)
                author = mine.keyworker(day).id
                row = new_sheet(mine, Tool.RESTORATIVE, span, day, "staff", author, together=together)
                answers: dict[str, Any] = {
                    "what-happened": side.happened,
                    "thinking-feeling": side.thinking,
                    "who-affected": side.affected,
                }
                if not open_one:
                    answers["put-right"] = side.right
                    answers["agreed"] = [
                        {"what": side.agreed, "who": student.known_as, "by": (day + 7 * _DAY).isoformat()}
                    ]
                    finish(row, author)
                put_answers(mine, row, answers, author)
