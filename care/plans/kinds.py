"""The kinds of plan a keyworker keeps: data, not code (domain 1.6, 1.12).

Another kind, an Individual Support Plan say, is one more entry of `fixtures/plan_kinds.json`. Its `audience` says who
reads it (care.plans.permissions), so that a kind never opens more than the table of rights has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from keywork.words import worded_lazy

CORE, GUARDED, PROFILE = "core", "safeguarding", "profile"
AUDIENCES = (CORE, GUARDED, PROFILE)


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its `key` stays, its title and what it `asks` may be worded anew."""

    key: str
    title: str
    asks: str


@dataclass(frozen=True, slots=True)
class PlanKind:
    """`kept_by` and `must_read` are kinds of post: the first keeps it, a second one with them. `home`: parents read it."""

    slug: str
    name: str
    about: str
    audience: str
    kept_by: tuple[str, ...]
    must_read: tuple[str, ...]
    review_weeks: int
    home: bool
    sections: tuple[Part, ...]
    rule: str = ""  # its name in the school's rule of which plans a keyworker keeps

    def review_by(self, on: date) -> date:
        """When a version of that day is looked at again at the latest, unless its writer says another day."""
        return on + timedelta(weeks=self.review_weeks)

    def title_of(self, key: str) -> str:
        """Of a section; one that is no longer asked for keeps its key for a title."""
        title = next((part.title for part in self.sections if part.key == key), "")
        return str(title) or key.replace("_", " ").capitalize()

    def ordered(self, words: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """Key, title and words of what a version says: as asked for now, then what was asked for before."""
        keys = [part.key for part in self.sections]
        keys += [key for key in words if key not in keys]
        return [(key, self.title_of(key), words[key]) for key in keys if words.get(key)]


def read(text: str) -> dict[str, PlanKind]:
    """The kinds a file names. Raises ValueError for an audience that nobody knows."""
    found = {}
    for row in json.loads(text):
        if row["audience"] not in AUDIENCES:
            raise ValueError(f"{row['slug']}: nobody knows the audience {row['audience']}.")
        sections = row.pop("sections")
        parts = tuple(
            Part(one["key"], worded_lazy(one["title"]), worded_lazy(one["asks"])) for one in sections
        )
        row |= {"kept_by": tuple(row["kept_by"]), "must_read": tuple(row["must_read"])}
        row |= {"name": worded_lazy(row["name"]), "about": worded_lazy(row["about"])}
        found[row["slug"]] = PlanKind(**row, sections=parts)
    return found


KINDS: dict[str, PlanKind] = read(
    (Path(__file__).parents[1] / "fixtures" / "plan_kinds.json").read_text(encoding="utf-8")
)


def kind_of(slug: str) -> PlanKind:
    """The kind of this slug; one that is no longer in the file is for the safeguarding lead and the pair alone."""
    unknown = PlanKind(slug, slug, "", GUARDED, ("keyworker",), (), 26, False, ())
    return KINDS.get(slug) or unknown


def slugs_of(audience: str) -> list[str]:
    return [slug for slug, kind in KINDS.items() if kind.audience == audience]
