"""The picture of goals: where each began and where it stands, in per cent of the way from −2 to +2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from keywork.names import ended
from tsp.rating import rules
from tsp.rating.pictures import percent


@dataclass(frozen=True, slots=True)
class GoalRow:
    """Where a goal began and where it stands; places from −2 at the left to +2 at the right."""

    words: str
    url: str
    start: int
    level: int | None
    start_at: str
    level_at: str
    start_label: str
    level_label: str
    level_words: str

    @property
    def moved(self) -> bool:
        return self.level is not None and self.level != self.start

    @property
    def fell(self) -> bool:
        return self.level is not None and self.level < self.start

    @property
    def told(self) -> str:
        if self.level is None:
            return f"“{self.words}” began at {self.start_label} and has not been scored yet."
        return f"“{self.words}” began at {self.start_label} and is at {self.level_label} now: {ended(self.level_words)}"


def goal_picture(lines: Iterable[Any]) -> list[GoalRow]:
    """Those agreed, withdrawn ones left to the list beside the picture."""
    return [
        GoalRow(
            words=line.words,
            url=line.url,
            start=line.baseline,
            level=line.level,
            start_at=percent((line.baseline + 2) * 25),
            level_at="" if line.level is None else percent((line.level + 2) * 25),
            start_label=rules.level_label(line.baseline),
            level_label="" if line.level is None else rules.level_label(line.level),
            level_words=line.level_words,
        )
        for line in lines
        if line.is_agreed
    ]
