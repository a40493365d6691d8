"""The kinds of meeting there are: data, not code. Another kind is one more entry of `fixtures/meeting_kinds.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MeetingKind:
    """`agenda` are the points a new one begins with, `level` who reads it unless somebody says otherwise."""

    slug: str
    name: str
    minutes: int
    level: str
    agenda: Sequence[str]


def _shipped() -> dict[str, MeetingKind]:
    path = Path(__file__).parents[1] / "fixtures" / "meeting_kinds.json"
    return {row["slug"]: MeetingKind(**row) for row in json.loads(path.read_text(encoding="utf-8"))}


KINDS: dict[str, MeetingKind] = _shipped()


def kind_of(slug: str) -> MeetingKind:
    """The kind of this slug; one that is no longer in the file keeps its slug for a name."""
    return KINDS.get(slug) or MeetingKind(slug, slug, 30, "general", ())
