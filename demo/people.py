"""The people of the school as plain values with their ids, and the staff it employs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from keywork.calendar import SchoolCalendar

from . import cast
from .cast import Child, Ending, Post
from .names import MEN, WOMEN, Names, address_part

_DAY = timedelta(days=1)


@dataclass(slots=True, eq=False)
class Staff:
    """One member of staff; the last four fields are how they keep in touch with families."""

    id: int
    post: Post
    email: str
    active: bool = True
    left_on: date | None = None
    punctual: float = 0.93
    tries: float = 0.15
    writes: str = "phone"
    prompt: float = 0.9

    @property
    def name(self) -> str:
        return self.post.name

    @property
    def first(self) -> str:
        return self.post.name.split(" ")[0]


@dataclass(slots=True, eq=False)
class Link:
    """An adult of a student: who, and the fields of students.FamilyLink."""

    member_id: int
    name: str
    values: dict[str, Any]
    worker_id: int | None = None  # when they work here

    @property
    def first(self) -> str:
        return self.name.split(" ")[0]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.values['relationship']})"

    @property
    def open_to_keywork(self) -> bool:
        return (
            bool(self.values.get("may_receive_keywork_contact", True))
            and "restricted_from" not in self.values
        )


@dataclass(slots=True, eq=False)
class Student:
    """One student: `values` are the fields of students.Student, `posts` who stood by them and when."""

    id: int
    values: dict[str, Any]
    ending: Ending
    interest: str
    child: Child | None = None
    links: list[Link] = field(default_factory=list)
    absences: list[tuple[date, date, str]] = field(default_factory=list)
    holds: list[tuple[date, date, str]] = field(default_factory=list)
    posts: list[tuple[str, Staff, date, date | None]] = field(default_factory=list)
    sibling: Student | None = None

    @property
    def known_as(self) -> str:
        return self.values.get("preferred_forename") or self.values["legal_forename"]

    @property
    def surname(self) -> str:
        return self.values["legal_surname"]

    @property
    def joined(self) -> date:
        return self.values["joined_on"]

    @property
    def left(self) -> date | None:
        return self.values.get("left_on")

    @property
    def year(self) -> int:
        return int(self.values["nc_year"])

    def holder(self, kind: str, day: date) -> Staff | None:
        """Who held this post for them on that day."""
        for found, staff, first, last in self.posts:
            if found == kind and first <= day and (last is None or day <= last):
                return staff
        return None


@dataclass(slots=True)
class School:
    """Everybody. `members` are the fields of students.FamilyMember, `accounts` those of keywork.User."""

    today: date
    live_on: date
    calendar: SchoolCalendar
    names: Names
    staff: list[Staff] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)

    def holding(self, role: str) -> Staff:
        return next(one for one in self.staff if role in one.post.roles.split())

    def working_as(self, job: str, *, active: bool = True) -> list[Staff]:
        return [one for one in self.staff if one.post.job.startswith(job) and one.active is active]

    def keyworker_of(self, student: Student, day: date) -> Staff:
        """Or the deputy, or the head: whoever would write on that day."""
        return student.holder("keyworker", day) or student.holder("deputy", day) or self.holding("head")

    def here(self) -> list[Student]:
        return [
            one
            for one in self.students
            if one.joined <= self.today and (one.left is None or one.left >= self.today)
        ]


def pupil_day(calendar: SchoolCalendar, day: date) -> date:
    """The pupil day on or before a day; the day itself where the calendar knows none."""
    return calendar.last_pupil_day_on_or_before(day) or day


def staff_needed(students: int) -> dict[str, int]:
    """How many of each a school of this size employs; 24 for 60 students."""
    return {
        "office": len(cast.OFFICE),
        "keyworkers": -(-students // 5) + 1,
        "mentors": max(1, round(students / 40)),
        "teachers": max(1, students // 60),
    }


def hire(school: School, students: int, total: int | None, rng: random.Random) -> None:
    """Staff for so many students; those beyond what is needed teach. Former staff come last, inactive."""
    needed = staff_needed(students)
    if total is not None:
        needed["teachers"] += max(0, total - sum(needed.values()))
    posts = [
        *cast.OFFICE,
        *_filled(cast.KEYWORKERS, needed["keyworkers"], "Keyworker", school.names),
        *_filled(cast.MENTORS, needed["mentors"], "Academic mentor", school.names),
        *_filled(cast.TEACHERS, needed["teachers"], "Teacher", school.names),
    ]
    former = _filled(cast.LEAVERS, max(1, needed["keyworkers"] // 8), "Keyworker", school.names)
    ids = count(1)
    for post in (*posts, *former):
        email = f"{post.sign_in or address_part(post.name)}@{cast.DOMAIN}"
        school.staff.append(
            Staff(
                next(ids),
                post,
                email,
                punctual=rng.choice((0.96, 0.95, 0.94, 0.93, 0.9, 0.82)),
                tries=rng.uniform(0.06, 0.24),
                writes=rng.choice(("phone", "phone", "phone", "text", "email")),
                prompt=rng.uniform(0.78, 0.96),
            )
        )
    ends = [
        block.ends_on
        for block in school.calendar.blocks
        if school.live_on < block.ends_on < school.today - 40 * _DAY
    ]
    for place, one in enumerate(school.staff[len(posts) :]):
        one.active = False
        recent = pupil_day(school.calendar, school.today - 14 * _DAY)
        one.left_on = recent if place == 0 or not ends else rng.choice(ends)


def _filled(known: tuple[Post, ...], wanted: int, job: str, names: Names) -> list[Post]:
    found = list(known[:wanted])
    while len(found) < wanted:
        forename, surname = names.fresh(WOMEN + MEN)
        found.append(Post(f"{forename} {surname}", job))
    return found
