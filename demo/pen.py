"""Writing about one student: who would have written on a day, and what they would have said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, NamedTuple

from django.db.models import Model

from . import words
from .people import Link, School, Staff, Student
from .rows import DAY, Row


class Source(NamedTuple):
    """An entry of the log that everyone of the team may read."""

    kind: str  # "contact", "session"
    pk: int
    on: date
    topics: tuple[str, ...]


@dataclass(slots=True)
class Pen:
    """The school and the student, with dice of their own; `outcomes` are those still sought on a day."""

    school: School
    student: Student
    rng: Random
    sources: Sequence[Source] = ()
    outcomes: Callable[[date], list[Row]] = lambda day: []
    used: set[str] = field(default_factory=set)  # sentences already said of this student
    _said: dict[str, str] = field(default_factory=dict)

    def add(self, model: type[Model], **row: Any) -> Row:
        return self.school.rows.add(model, **row)

    def holder(self, kind: str, day: date) -> Staff | None:
        return self.student.holder(kind, day)

    def keyworker(self, day: date) -> Staff:
        """Or the deputy, or the head: whoever would write on that day."""
        return self.school.keyworker_of(self.student, day)

    def second_adult(self, day: date, besides: int) -> Staff:
        """Who checks: mentor, deputy or teacher, never the writer."""
        found = (self.holder(kind, day) for kind in ("mentor", "deputy", "teacher"))
        office = (self.school.holding(role) for role in ("head", "coordinator"))
        return next(one for one in (*found, *office) if one is not None and one.id != besides)

    def home(self) -> list[Link]:
        return [link for link in self.student.links if link.open_to_keywork]

    def shared(self) -> list[int]:
        """Ids of those the student lives with, as a student lets them see something."""
        return [link.member_id for link in self.student.links if link.values.get("lives_with")]

    def say(self, text: str, day: date, **more: str) -> str:
        """The text with everything filled in, sentences beginning with a capital."""
        if "{" not in text:
            return text
        if not self._said:
            home = self.home()
            self._said = words.words_of(self.student, home[0].first if home else "home")
        return capitals(words.fill(text, {**self._said, "kw": self.keyworker(day).first, **more}))

    def fresh(self, texts: Sequence[str]) -> str:
        """One of the texts, not yet used for this student while there are others."""
        chosen = self.rng.choice([text for text in texts if text not in self.used] or list(texts))
        self.used.add(chosen)
        return chosen

    def tell(self, texts: Sequence[str], day: date, **more: str) -> str:
        return self.say(self.fresh(texts), day, **more)

    def weekday(self, first: date, last: date) -> date:
        """A school day of the span, both included; a working day or its last day if there is none."""
        day = min(first + self.rng.randrange(max(0, (last - first).days) + 1) * DAY, last)
        taught = self.school.calendar.last_pupil_day_on_or_before(day)
        if taught is not None and taught >= first:
            return taught
        while day.weekday() > 4 and day > first:
            day -= DAY
        return day


def capitals(text: str) -> str:
    """Every sentence begins with a capital, whatever was put at its start."""
    made = text[:1].upper() + text[1:]
    for mark in (". ", "? ", "! ", ": “"):
        if mark in made:
            head, *rest = made.split(mark)
            made = mark.join([head, *(part[:1].upper() + part[1:] for part in rest)])
    return made
