"""The heads of the talk before a review (domain 5.5), filled with what is known today.

Records do not know each other: whoever keeps something that belongs under a head registers a source of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

HEADS = {
    "ehcp_outcomes": "EHC plan outcomes",
    "safeguarding_plans": "Safeguarding plans",
    "ihp_updates": "Individual health plan",
    "tsp_targets": "TSP targets",
    "agreed_strategies": "Agreed strategies",
}
NOTHING = {
    "ehcp_outcomes": "The plan has no outcomes written down.",
    "safeguarding_plans": "None that you can see. If you are not sure, ask the safeguarding lead before the meeting.",
    "ihp_updates": "None that you can see.",
    "tsp_targets": "No goals are being worked on.",
    "agreed_strategies": "None are written down.",
}


@dataclass(frozen=True, slots=True)
class HeadLine:
    """One thing to talk about: in words, what is strong in it, and where it stands. `first`: look at it first."""

    words: str
    strong: str = ""
    url: str = ""
    link: str = ""
    first: bool = False
    on: date | None = None  # when it was written, where that is known


@dataclass(frozen=True, slots=True)
class Head:
    slug: str
    number: int
    lines: Sequence[HeadLine]
    said: str
    since: date

    @property
    def title(self) -> str:
        return HEADS.get(self.slug, self.slug)

    @property
    def nothing(self) -> str:
        return NOTHING.get(self.slug, "Nothing is written down.")

    @property
    def is_first(self) -> bool:
        return any(line.first for line in self.lines)

    @property
    def is_new(self) -> bool:
        """Something of it was written since the last review."""
        return any(line.on is not None and line.on > self.since for line in self.lines)

    @property
    def badge(self) -> tuple[str, str]:
        if not self.lines:
            return "none", "Nothing to say"
        if self.is_first:
            return "soon", "Look first"
        return ("open", "New since then") if self.is_new else ("open", "As before")


class HeadSource(Protocol):
    def heads(self, student: Any, reader: Any, since: date, school: Any) -> Mapping[str, Sequence[HeadLine]]:
        """Lines by head, as this reader may see them; `since` is the last review."""
        ...


_sources: list[HeadSource] = []


def register(source: HeadSource) -> None:
    if type(source) not in {type(known) for known in _sources}:
        _sources.append(source)


def heads_of(review: Any, reader: Any, school: Any, agenda: Sequence[str]) -> list[Head]:
    """The school's standing agenda, in its order."""
    since = review.plan.since
    found: dict[str, list[HeadLine]] = {slug: [] for slug in agenda}
    for source in _sources:
        for slug, lines in source.heads(review.student, reader, since, school).items():
            if slug in found:
                found[slug] += lines
    return [
        Head(slug, number, lines, review.talk_said.get(slug, ""), since)
        for number, (slug, lines) in enumerate(found.items(), 1)
    ]
