"""The people of the school as plain values with their ids, and the staff it employs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from keywork.calendar import SchoolCalendar
from keywork.models import User
from students.models import FamilyMember

from . import cast
from .cast import Child, Post
from .names import NAMES, Names, address_part
from .rows import DAY, Row, Rows


@dataclass(slots=True, eq=False)
class Staff:
    """One member of staff; the last four fields are how they keep in touch with families."""

    id: int
    post: Post
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
        return self.values.get("may_receive_keywork_contact", True) and "restricted_from" not in self.values

    @property
    def may_receive_reports(self) -> bool:
        """As students.FamilyLink.for_reports, on every day of the school."""
        return self.values.get("may_receive_reports", True) and "restricted_from" not in self.values


@dataclass(slots=True, eq=False)
class Student:
    """One student: `values` are the fields of students.Student, `assignments` who stood by them and when."""

    id: int
    values: Row
    interest: str
    child: Child | None = None
    links: list[Link] = field(default_factory=list)
    holds: list[tuple[date, date, str]] = field(default_factory=list)
    assignments: list[tuple[str, Staff, date, date | None]] = field(default_factory=list)
    sibling: Student | None = None

    @property
    def known_as(self) -> str:
        return self.values.get("preferred_forename") or self.values["legal_forename"]

    @property
    def joined(self) -> date:
        return self.values["joined_on"]

    @property
    def left(self) -> date | None:
        return self.values.get("left_on")

    @property
    def year(self) -> int:
        return int(self.values["nc_year"])

    def story(self, name: str) -> Mapping[str, Any]:
        """What the cast says of them: "ending", "tsp" or "ilsa"."""
        return getattr(self.child, name) if self.child is not None else {}

    def holder(self, kind: str, day: date) -> Staff | None:
        """Who held this post for them on that day."""
        for found, staff, first, last in self.assignments:
            if found == kind and first <= day and (last is None or day <= last):
                return staff
        return None


@dataclass(slots=True)
class School:
    """Everybody, and the rows written so far."""

    today: date
    live_on: date
    calendar: SchoolCalendar
    names: Names
    rows: Rows = field(default_factory=Rows)
    staff: list[Staff] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)

    def holding(self, role: str) -> Staff:
        return next(one for one in self.staff if role in one.post.roles.split())

    def working_as(self, job: str, *, active: bool = True) -> list[Staff]:
        return [one for one in self.staff if one.post.job.startswith(job) and one.active is active]

    def keyworker_of(self, student: Student, day: date) -> Staff:
        """Or the deputy, or the head: whoever would write on that day."""
        return student.holder("keyworker", day) or student.holder("deputy", day) or self.holding("head")

    def account_of(self, link: Link) -> int | None:
        account: int | None = self.rows.tables[FamilyMember][link.member_id - 1]["user_id"]
        return account

    def here(self) -> list[Student]:
        return [one for one in self.come() if one.left is None or one.left >= self.today]

    def come(self) -> list[Student]:
        """Everybody but who starts later."""
        return [one for one in self.students if one.joined <= self.today]

    def of_sign_in(self) -> list[Student]:
        """The students of the keyworker who signs in to the demo."""
        mine = ((one, one.holder("keyworker", self.today)) for one in self.here())
        return [one for one, holder in mine if holder and holder.post.sign_in == "keyworker"]

    def pupil_day(self, day: date) -> date:
        """The pupil day on or before a day; the day itself where the calendar knows none."""
        return self.calendar.last_pupil_day_on_or_before(day) or day


def staff_needed(students: int) -> dict[str, int]:
    """How many of each a school of this size employs; 24 for 60 students."""
    return {
        "office": len(cast.STAFF["office"]),
        "keyworkers": -(-students // 5) + 1,
        "mentors": max(1, round(students / 40)),
        "teachers": max(1, students // 60),
    }


def hire(school: School, students: int, total: int | None, rng: random.Random) -> None:
    """Staff for so many students; those beyond what is needed teach. Former staff come last, inactive."""
    needed = staff_needed(students)
    if total is not None:
        needed["teachers"] += max(0, total - sum(needed.values()))
    needed["leavers"] = max(1, needed["keyworkers"] // 8)
    limit = school.today - 40 * DAY
    ends = [one.ends_on for one in school.calendar.blocks if school.live_on < one.ends_on < limit]
    for kind, wanted in needed.items():
        known = cast.STAFF[kind]
        posts = [*known[:wanted]]
        for _ in range(wanted - len(posts)):
            name = " ".join(school.names.fresh(NAMES["women"] + NAMES["men"]))
            posts.append(Post(name, known[0].job.split(" of ")[0].split(",")[0]))
        for place, post in enumerate(posts):
            one = Staff(
                len(school.staff) + 1, post, punctual=rng.choice((0.96, 0.95, 0.94, 0.93, 0.9, 0.82)),
                tries=rng.uniform(0.06, 0.24), writes=rng.choice(("phone", "phone", "phone", "text", "email")),
                prompt=rng.uniform(0.78, 0.96),
            )  # fmt: skip
            school.staff.append(one)
            if kind == "leavers":
                recent = school.pupil_day(school.today - 14 * DAY)
                one.active, one.left_on = False, recent if place == 0 or not ends else rng.choice(ends)
            school.rows.add(
                User, name=post.name, email=f"{post.sign_in or address_part(post.name)}@{cast.DOMAIN}", job_title=post.job,
                roles=post.roles.split(), phone=f"01632 960{rng.randrange(1000):03d}", is_active=one.active,
                reach_note=post.reach or rng.choice(cast.PEOPLE["reach-notes"]),
                deactivated_at=None if one.active else f"{one.left_on} 17:00 Europe/London",
            )  # fmt: skip
