"""What the demo writes, gathered as plain rows until all of it is known; ids are counted here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from tsp.questions.templates import Template

from .. import words
from ..history import Row
from ..people import Link, School, Staff, Student

_DAY = timedelta(days=1)


class Source(NamedTuple):
    """An entry of the timeline that everyone of the team may read."""

    kind: str  # "contact", "session"
    pk: int
    on: date
    topics: tuple[str, ...]


@dataclass(slots=True)
class Rated:
    """All ratings of one window at once: `values` in the order of the form, 9 for no opportunity, 8 for none."""

    window_id: int
    values: list[int]
    by_id: int
    at: str
    carried_from: int | None = None
    carried: frozenset[int] = frozenset()  # places of those carried over
    waiting: frozenset[int] = frozenset()  # places of those not confirmed yet
    other_id: int | None = None  # a second person's share
    others: frozenset[int] = frozenset()


NO_OPPORTUNITY, NOT_ANSWERED = 9, 8


@dataclass
class Rows:
    windows: list[Row] = field(default_factory=list)
    rated: list[Rated] = field(default_factory=list)
    narratives: list[Row] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    sheets: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    goals: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    scales: list[Row] = field(default_factory=list)
    scores: list[Row] = field(default_factory=list)
    judgements: list[Row] = field(default_factory=list)
    asks: list[Row] = field(default_factory=list)
    chases: list[Row] = field(default_factory=list)
    feelings: list[Row] = field(default_factory=list)
    proposals: list[Row] = field(default_factory=list)

    def add(self, table: str, **row: Any) -> Row:
        """The row with its id, which is its place."""
        rows: list[Row] = getattr(self, table)
        row["id"] = len(rows) + 1
        rows.append(row)
        return row


@dataclass(slots=True)
class Pen:
    """Writes about one student: the school and form around them, their log, and their own dice."""

    school: School
    form: Template
    rows: Rows
    student: Student
    rng: Random
    sources: list[Source]
    outcomes: Callable[[date], list[Row]]  # of the plan in force on a day, those still sought
    used: set[str] = field(default_factory=set)  # sentences already said of this student
    _said: dict[str, str] = field(default_factory=dict)

    def holder(self, kind: str, day: date) -> Staff | None:
        return self.student.holder(kind, day)

    def keyworker(self, day: date) -> Staff:
        """Or the deputy, or the head: whoever would write on that day."""
        return self.school.keyworker_of(self.student, day)

    def second_adult(self, day: date, besides: int) -> Staff:
        """Who checks: mentor, deputy or teacher, never the writer."""
        for kind in ("mentor", "deputy", "teacher"):
            found = self.holder(kind, day)
            if found is not None and found.id != besides:
                return found
        head = self.school.holding("head")
        return head if head.id != besides else self.school.holding("coordinator")

    def home(self) -> Link | None:
        return next((link for link in self.student.links if link.open_to_keywork), None)

    def shared(self) -> list[int]:
        """Ids of those the student lives with, as a student lets them see something."""
        return [link.member_id for link in self.student.links if link.values.get("lives_with")]

    def say(self, text: str, day: date, **more: str) -> str:
        """The text with everything filled in, sentences beginning with a capital."""
        if "{" not in text:
            return text
        if not self._said:
            values, home = self.student.values, self.home()
            self._said = dict(
                words.words_for(
                    self.student.known_as,
                    values["sex"],
                    values.get("pronouns", ""),
                    self.student.interest,
                    home.first if home else "home",
                )
            )
        said = words.fill(text, {**self._said, "kw": self.keyworker(day).first, **more})
        return capitals(said)

    def fresh(self, texts: tuple[str, ...]) -> str:
        """One of the texts, not yet used for this student while there are others."""
        free = [text for text in texts if text not in self.used] or list(texts)
        chosen = self.rng.choice(free)
        self.used.add(chosen)
        return chosen

    def weekday(self, first: date, last: date) -> date:
        """A school day of the span, both included; a working day or its last day if there is none."""
        span = max(0, (last - first).days)
        day = min(first + self.rng.randrange(span + 1) * _DAY, last)
        taught = self.school.calendar.last_pupil_day_on_or_before(day)
        if taught is not None and taught >= first:
            return taught
        while day.weekday() > 4 and day > first:
            day -= _DAY
        return day


def capitals(text: str) -> str:
    """Every sentence begins with a capital, whatever was put at its start."""
    made = text[:1].upper() + text[1:]
    for mark in (". ", "? ", "! ", ": “"):
        if mark in made:
            head, *rest = made.split(mark)
            made = mark.join([head, *(part[:1].upper() + part[1:] for part in rest)])
    return made


def at(day: date, time: str) -> str:
    return f"{day} {time} Europe/London"
