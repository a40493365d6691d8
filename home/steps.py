"""A sheet of the student's own as they go through it: one question a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires.fields import Field, columns_of, is_empty
from tsp.questions.templates import Tool
from tsp.sheets.audiences import asked, stage_words


@dataclass(frozen=True, slots=True)
class SheetStep:
    """One screen of a sheet: a question, or one row of a table that has its rows given."""

    slug: str
    question: Field
    title: str
    row: int | None = None

    def answered(self, value: Any) -> bool:
        """Is there anything for this screen yet?"""
        if is_empty(value) or self.row is None:
            return not is_empty(value)
        first, *others = columns_of(self.question)
        row: dict[str, Any] = next(
            (row for row in value if row.get(first.key) == self.question.rows[self.row]), {}
        )
        return any(row.get(one.key) for one in others)


def steps_of(tool: Tool) -> list[SheetStep]:
    """The screens a student goes through, one question each."""
    steps = []
    for one in asked(tool, "student"):
        if one.rows:
            steps += [
                SheetStep(f"{one.slug}-{slug.replace('_', '-')}", one, stage_words(slug, "student"), row)
                for row, slug in enumerate(one.rows)
            ]
        else:
            steps.append(SheetStep(one.slug, one, one.wording("student")))
    return steps


def after(steps: Sequence[SheetStep], slug: str) -> tuple[int, SheetStep, SheetStep | None, SheetStep | None]:
    """The place of a screen (from 0), itself, the one before and the one behind it. Raises KeyError."""
    for place, one in enumerate(steps):
        if one.slug == slug:
            return place, one, steps[place - 1] if place else None, next(iter(steps[place + 1 :]), None)
    raise KeyError(slug)
