"""The people of the school as plain values with their ids, and what is asked of them while the rest is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, NamedTuple

from django.db.models import Model

from keywork.calendar import SchoolCalendar

from . import words
from .cast import NAMES
from .rows import DAY, Row, Rows, at


@dataclass(slots=True, eq=False)
class Staff:
    """One member of staff; the last two fields are how seldom they are late with what they do and write down."""

    id: int
    name: str
    job: str
    roles: str = "staff"
    sign_in: str = ""
    reach: str = ""
    left_on: date | None = None
    punctual: float = 0.93
    prompt: float = 0.9

    @property
    def first(self) -> str:
        return self.name.split(" ")[0]


@dataclass(slots=True, eq=False)
class Link:
    """An adult of a student: who, and the fields of students.FamilyLink."""

    member_id: int
    name: str
    values: dict[str, Any]
    account: int | None  # of theirs
    works_here: bool

    @property
    def first(self) -> str:
        return self.name.split(" ")[0]

    def may(self, what: str) -> bool:
        return self.values.get(f"may_receive_{what}", True) and "restricted_from" not in self.values


class Source(NamedTuple):
    """An entry of the log that everyone of the team may read."""

    kind: str  # "contact", "session"
    pk: int
    on: date
    topics: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Student:
    """One student: `values` are the fields of students.Student, `child` what the cast says, `assignments` who stood by them."""

    school: School
    id: int
    values: Row
    interest: str
    child: Mapping[str, Any]
    rng: Random = field(default_factory=Random)
    links: list[Link] = field(default_factory=list)
    assignments: list[tuple[str, Staff, date, date | None]] = field(default_factory=list)
    sibling: Student | None = None
    plans: list[tuple[date, list[Row]]] = field(default_factory=list)  # from when, with its outcomes
    sources: list[Source] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # sentences already said of them
    said: dict[str, str] = field(default_factory=dict)

    @property
    def known_as(self) -> str:
        return self.values.get("preferred_forename") or self.values["legal_forename"]

    @property
    def joined(self) -> date:
        return self.values["joined_on"]

    @property
    def left(self) -> date | None:
        return self.values["left_on"]

    @property
    def first_day(self) -> date:
        """The first in Keywork."""
        return max(self.joined, self.school.live_on)

    @property
    def last_day(self) -> date:
        return min(self.school.today, self.left or self.school.today)

    @property
    def year(self) -> int:
        return int(self.values["nc_year"])

    @property
    def boards(self) -> bool:
        return self.values["placement"] != "day"

    @property
    def user_id(self) -> int | None:
        return self.values.get("user_id")

    def story(self, name: str) -> Mapping[str, Any]:
        """What the cast says of them: "ending", "tsp" or "ilsa"."""
        return self.child.get(name, {})

    def outcomes(self, day: date) -> list[Row]:
        """Those of the plan in force that are still sought on a day."""
        rows = next((rows for on, rows in reversed(self.plans) if on <= day), [])
        return [row for row in rows if row["closed_on"] is None or row["closed_on"] > day]

    def add(self, model: type[Model], **row: Any) -> Row:
        return self.school.rows.add(model, student_id=self.id, **row)

    def holder(self, kind: str, day: date) -> Staff | None:
        """Who held this post for them on that day."""
        for found, staff, first, last in self.assignments:
            if found == kind and first <= day and (last is None or day <= last):
                return staff
        return None

    def keyworker(self, day: date) -> Staff:
        """Or the deputy, or the head: whoever would write on that day."""
        return self.holder("keyworker", day) or self.holder("deputy", day) or self.school.holding("head")

    def second_adult(self, day: date, besides: int) -> Staff:
        """Who checks: mentor, deputy or teacher, never the writer."""
        found = (self.holder(kind, day) for kind in ("mentor", "deputy", "teacher"))
        office = (self.school.holding(role) for role in ("head", "coordinator"))
        return next(one for one in (*found, *office) if one is not None and one.id != besides)

    def home(self) -> list[Link]:
        return [link for link in self.links if link.may("keywork_contact")]

    def lives_with(self) -> list[int]:
        """Ids of those whom a student lets see something."""
        return [link.member_id for link in self.links if link.values.get("lives_with")]

    def words(self, home: str) -> dict[str, str]:
        values = self.values
        return words.words_for(self.known_as, values["sex"], values.get("pronouns", ""), self.interest, home)

    def say(self, text: str, day: date, **more: str) -> str:
        """The text with everything filled in, sentences beginning with a capital."""
        if "{" not in text:
            return text
        if not self.said:
            home = self.home()
            self.said = self.words(home[0].first if home else "home")
        return words.capitals(words.fill(text, {**self.said, "kw": self.keyworker(day).first, **more}))

    def fresh(self, texts: Sequence[str]) -> str:
        """One of the texts, not yet used for this student while there are others."""
        chosen = self.rng.choice([text for text in texts if text not in self.used] or texts)
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


@dataclass(slots=True, eq=False)
class School:
    """Everybody, and the rows written so far."""

    today: date
    live_on: date
    calendar: SchoolCalendar
    seed: int
    rows: Rows = field(default_factory=Rows)
    staff: list[Staff] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    names: words.Names = field(init=False)

    def __post_init__(self) -> None:
        self.names = words.Names(self.dice("names"), NAMES)

    def dice(self, what: str) -> Random:
        return Random(f"{self.seed} {what}")

    def holding(self, role: str) -> Staff:
        return next(one for one in self.staff if role in one.roles.split())

    def working_as(self, job: str) -> list[Staff]:
        return [one for one in self.staff if one.job.startswith(job) and one.left_on is None]

    def here(self) -> list[Student]:
        return [one for one in self.come() if one.left is None or one.left >= self.today]

    def come(self, dice: str = "") -> Iterator[Student]:
        """Everybody but who starts later; with dice of their own for what is named."""
        for student in self.students:
            if student.joined <= self.today:
                student.rng = self.dice(f"{dice} {student.id}") if dice else student.rng
                yield student

    def of_sign_in(self) -> list[Student]:
        """The students of the keyworker who signs in to the demo."""
        return [one for one in self.here() if one.keyworker(self.today).sign_in == "keyworker"]

    def moment(self, day: date, time: str) -> str:
        """What happened today happened early, in the same order."""
        return at(day, f"00:{time[:2]}" if day >= self.today else time)

    def pupil_day(self, day: date) -> date:
        """The pupil day on or before a day; the day itself where the calendar knows none."""
        return self.calendar.last_pupil_day_on_or_before(day) or day
