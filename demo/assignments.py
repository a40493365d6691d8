"""Who stands by whom, and when: keyworkers with their changes, deputies, mentors, core team, teachers."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from keywork.models import Assignment, User
from students.models import HandOverNote

from .cast import PEOPLE
from .people import School, Staff, Student
from .rows import DAY, at

CAP = 5


def place_everyone(school: School, rng: random.Random) -> None:
    """Every assignment as a row; also kept on each student as `assignments`."""
    places = _Places(school, rng, school.working_as("Keyworker"))
    now, rows = places.share_out(), school.rows.tables[Assignment]
    for student in school.come():
        places.keyworkers_of(student, now.get(student.id))
        places.others_of(student)
    places.move_soon()
    head = school.holding("head").id
    for row in rows:
        row |= {"assigned_by_id": head, "ended_by_id": head if row["ends_on"] else None}
        row["assigned_at"] = at(min(row["starts_on"], school.today), "00:01")
    # The keyworker with the fewest students works four days a week, so that they are not above their limit.
    fewest = min(places.keyworkers, key=lambda one: places.held[one.id])
    if places.held[fewest.id] <= 4:
        school.rows.tables[User][fewest.id - 1]["days_a_week"] = Decimal(4)


@dataclass(slots=True)
class _Places:
    school: School
    rng: random.Random
    keyworkers: list[Staff]
    held: Counter[int] = field(default_factory=Counter)  # how many students each keyworker has today

    def post(
        self, student: Student, kind: str, staff: Staff, start: date, end: date | None, **more: str
    ) -> None:
        if end is not None and end < start:
            return
        student.assignments.append((kind, staff, start, end))
        reason = "student_left" if end == student.left else "staff_left" if staff.left_on else "other"
        self.school.rows.add(
            Assignment, student_id=student.id, user_id=staff.id, kind=kind, starts_on=start, ends_on=end,
            **{"end_reason": reason if end else "", **more},
        )  # fmt: skip

    def share_out(self) -> dict[int, Staff]:
        """A keyworker today for each: the one their story names, else whoever has fewest."""
        by_name = {one.name: one for one in self.keyworkers}
        wanted = {one.id: one.child.keyworker if one.child else None for one in self.school.here()}
        found = {pk: by_name[name] for pk, name in wanted.items() if name and name in by_name}
        self.held.update(one.id for one in found.values())
        for pk, name in wanted.items():
            if pk not in found and name != "":
                found[pk] = min(self.keyworkers, key=lambda one: self.held[one.id])
                self.held[found[pk].id] += 1
        return found

    def keyworkers_of(self, student: Student, now: Staff | None) -> None:
        """The present one, or the last; some had another before."""
        school, rng, end = self.school, self.rng, student.left
        start, former = max(student.joined, school.live_on), school.working_as("Keyworker", active=False)
        is_new = "joined" in student.story("ending")
        if student.child is not None and student.child.keyworker == "":
            if not is_new:
                self.post(student, "keyworker", former[0], start, former[0].left_on)
            return
        holder, span, begins = now or rng.choice(self.keyworkers), ((end or school.today) - start).days, start
        why: dict[str, str] = {}
        if span > 150 and not is_new and rng.random() < 0.12 * span / 365 + 0.05:
            begins = max(start, school.pupil_day(start + rng.randrange(60, span - 40) * DAY))
            before = rng.choice([one for one in self.keyworkers if one is not holder])
            if (
                (gone := former[0].left_on)
                and start < gone < start + (span - 40) * DAY
                and rng.random() < 0.3
            ):
                before, begins = former[0], gone + DAY
            reason, note = (
                ("staff_left", PEOPLE["goodbye"]) if before.left_on else rng.choice(PEOPLE["changes"])
            )
            note = note.format(n=student.known_as, old=before.first, new=holder.first, it=student.interest)
            why = {"reason": reason, "reason_note": note} if begins > start else {}
            self.post(student, "keyworker", before, start, begins - DAY, end_reason=reason, end_note=note)
        if now is not None and self.held[now.id] > CAP:
            why["over_cap_reason"] = PEOPLE["over-cap"]
        self.post(student, "keyworker", holder, begins, end, **why)

    def move_soon(self) -> None:
        """One change already agreed for next Monday; the hand-over is written."""
        school, today = self.school, self.school.today
        moving = next(
            one for one in school.students if one.child is not None and one.child.forename == "Zofia"
        )
        monday = today + (7 - today.weekday()) * DAY
        mine = (row for row in school.rows.tables[Assignment] if row["student_id"] == moving.id)
        row = next(row for row in mine if row["kind"] == "keyworker" and row["ends_on"] is None)
        others = [one for one in self.keyworkers[1:] if one.id != row["user_id"]]
        new = min(others, key=lambda one: self.held[one.id])
        note = PEOPLE["chose"].format(n=moving.known_as, new=new.first)
        row |= {"ends_on": monday - DAY, "end_reason": "workload", "end_note": note}
        assignments = [
            post if post[0] != "keyworker" or post[3] else (*post[:3], monday - DAY)
            for post in moving.assignments
        ]
        self.post(moving, "keyworker", new, monday, None, reason="workload", reason_note=note)
        moving.assignments = assignments
        school.rows.add(
            HandOverNote, student_id=moving.id, written_by_id=row["user_id"], words=PEOPLE["hand-over"],
            written_at=at(today - DAY, "16:00"),
        )  # fmt: skip

    def others_of(self, student: Student) -> None:
        """Deputy, mentor, the core team and teacher since the school went live; nobody stands by their own child."""
        school, rng, left, pk = self.school, self.rng, student.left, student.id
        start, in_cast = max(student.joined, school.live_on), student.child is not None
        mentors, teachers = school.working_as("Academic mentor"), school.working_as("Teacher")
        taken = {staff.id for _, staff, _, _ in student.assignments} | {
            link.worker_id for link in student.links
        }
        free = [one for one in self.keyworkers if one.id not in taken]
        deputy, extra, is_known = free[pk % len(free)], free[(pk * 7 + 3) % len(free)], pk in (1, 3, 5)
        self.post(student, "deputy", deputy, start, left)
        if in_cast or student.year >= 9 or rng.random() < 0.4:
            self.post(
                student, "mentor", mentors[0 if in_cast and pk <= 8 else pk % len(mentors)], start, left
            )
        if is_known or rng.random() < 0.6:
            self.post(student, "teacher", teachers[0 if is_known else pk % len(teachers)], start, left)
        first_year = min(student.joined + 364 * DAY, left or date.max)
        if first_year >= school.live_on:
            self.post(student, "core", school.holding("transition"), start, first_year)
        if student.year >= 11 and (left is None or left >= school.today):
            self.post(student, "core", school.holding("post16"), max(start, school.today - 60 * DAY), left)
        if pk % 3 == 0 and school.holding("post16").id not in taken:
            self.post(student, "house", school.holding("post16"), start, left)
        if rng.random() < 0.5 and extra is not deputy:
            self.post(student, "core", extra, start, left)
        # A keyworker who rings about one child may speak of the other.
        taken |= {staff.id for kind, staff, _, _ in student.assignments if kind == "core"}
        for kind, staff, first, until in [*student.sibling.assignments] if student.sibling else ():
            if kind == "keyworker" and staff.active and until is None and staff.id not in taken:
                self.post(student, "core", staff, max(start, first), left)
