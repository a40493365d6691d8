"""The document that comes with Keywork: as it was first supplied, in the plainer words it has had since, and with the
sections that came later. Pure.

`template.json` stays as it is to the byte: schools have published it. `rewordings.json`, if there is one, says what
reads otherwise now, by part: {"section/question": {"parent_wording": "..."}}, or {"section": {...}} for a section's own
words. Slugs and what is asked are the same, so that answers stay comparable. `later.json`, if there is one, holds
sections that came after, by their list: {"soft_tools": [{"slug": ...}]}.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .checks import Doc


@dataclass(frozen=True)
class Supplied:
    """`folder` holds the files; `lists` are the lists of sections, each with the name of its questions."""

    folder: Path
    lists: tuple[tuple[str, str], ...]

    @cached_property
    def first(self) -> Doc:
        """As it was first supplied; to read only."""
        return json.loads((self.folder / "template.json").read_text(encoding="utf-8"))

    @cached_property
    def newest(self) -> Doc:
        """In the words of today, with all that came later; to read only."""
        return self.plainer(self.with_later(self.first))

    @cached_property
    def _words(self) -> Mapping[str, Mapping[str, str]]:
        return self._beside("rewordings.json")

    @cached_property
    def _later(self) -> Doc:
        return self._beside("later.json")

    def _beside(self, name: str) -> Doc:
        file = self.folder / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    def missing(self, doc: Doc) -> list[tuple[str, Doc]]:
        """Each section that came later and that a document has none of: its list, and a copy in the words of today."""
        return [
            (key, section)
            for key, sections in self.plainer(self._later).items()
            for section in sections
            if all(section["slug"] != one["slug"] for one in doc[key])
        ]

    def with_later(self, doc: Doc) -> Doc:
        """A copy of any version with what it is missing, last in its list."""
        whole = deepcopy(doc)
        for key, section in self.missing(doc):
            whole[key].append(section)
        return whole

    def plainer(self, doc: Doc) -> Doc:
        """A copy of any version in the words of today. Words of a school's own stay, and so does what is retired."""
        doc = deepcopy(doc)
        for part, changes in self._changes(doc):
            part.update(changes)
        return doc

    def open(self, doc: Doc) -> int:
        """How many parts of a document still read as first supplied although plainer words are there."""
        return sum(1 for _ in self._changes(doc))

    def _changes(self, doc: Doc) -> Iterator[tuple[Doc, dict[str, str]]]:
        was = dict([*self._parts(self.first), *self._parts(self._later)])
        parts = dict(self._parts(doc))
        for path, words in self._words.items():
            part = parts.get(path)
            if part is None or not part.get("active", True):
                continue
            changes = {key: text for key, text in words.items() if part.get(key) == was[path].get(key)}
            if changes:
                yield part, changes

    def _parts(self, doc: Doc) -> Iterator[tuple[str, Doc]]:
        """Every section (area, domain, sheet) and every question in it, by path."""
        for key, questions in self.lists:
            for section in doc.get(key, ()):
                yield section["slug"], section
                for question in section[questions]:
                    yield f"{section['slug']}/{question['slug']}", question
