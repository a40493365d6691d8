"""Who stands by whom, and when: keyworkers with their changes, deputies, mentors, core team, teachers."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from keywork.models import Assignment, User
from students.models import HandOverNote

from .cast import PEOPLE
from .people import School, Staff, Student
from .rows import DAY, Row

CAP = 5


def place_everyone(school: School, rng: random.Random) -> None:
    """Every assignment as a row; also kept on each student as `posts`."""
    places = _Places(school, rng, school.working_as("Keyworker"))
    now = places.share_out()
    for student in school.come():
        places.keyworkers_of(student, now.get(student.id))
    places.move_soon()
    for student in school.come():
        places.others_of(student)
    head = school.holding("head").id
    for row in school.rows.tables[Assignment]:
        begun = row["starts_on"] <= school.today
        row["assigned_by_id"] = head
        row["assigned_at"] = (
            f"{row['starts_on']} 09:00 Europe/London" if begun else f"{school.today} 00:01 Europe/London"
        )
        if row["ends_on"]:
            row["ended_by_id"] = head
    places.part_time()


@dataclass
class _Places:
    school: School
    rng: random.Random
    keyworkers: list[Staff]
    spans: dict[int, list[tuple[date, date]]] = field(default_factory=lambda: defaultdict(list))

    def most(self, staff: Staff, start: date, end: date) -> int:
        """The most students at once that a keyworker had on any day of a span."""
        near = [span for span in self.spans[staff.id] if span[0] <= end and span[1] >= start]
        days = [start, *(first for first, _ in near if first > start)]
        return max(sum(first <= day <= last for first, last in near) for day in days)

    def with_room(self, some: Sequence[Staff], start: date, end: date) -> Staff:
        drawn = self.rng.sample(some, min(25, len(some)))
        return min(drawn, key=lambda one: self.most(one, start, end))

    def post(
        self, student: Student, kind: str, staff: Staff, start: date, end: date | None, **more: str
    ) -> Row | None:
        if end is not None and end < start:
            return None
        student.posts.append((kind, staff, start, end))
        reason = (
            "student_left"
            if end and end == student.left
            else "staff_left"
            if end and staff.left_on
            else "other"
        )
        return self.school.rows.add(
            Assignment, student_id=student.id, user_id=staff.id, kind=kind, starts_on=start, ends_on=end,
            **{"end_reason": reason if end else "", **more},
        )  # fmt: skip

    def share_out(self) -> dict[int, Staff]:
        """A keyworker today for each: the one their story names, else the next with room. Who drew Kit is over the cap."""
        by_name = {one.name: one for one in self.keyworkers}
        wanted = {one.id: one.child.keyworker if one.child else None for one in self.school.here()}
        found = {pk: by_name[name] for pk, name in wanted.items() if name and name in by_name}
        held, turn = Counter(one.id for one in found.values()), 0
        for pk, name in wanted.items():
            if pk in found or name == "":
                continue
            for _ in self.keyworkers:
                one = self.keyworkers[turn % len(self.keyworkers)]
                turn += 1
                if held[one.id] < CAP:
                    break
            found[pk] = one
            held[one.id] += 1
        return found

    def keyworkers_of(self, student: Student, now: Staff | None) -> None:
        school, rng, today = self.school, self.rng, self.school.today
        start, end, former = (
            max(student.joined, school.live_on),
            student.left,
            school.working_as("Keyworker", active=False),
        )
        is_new = "joined" in student.story("ending")
        if student.child is not None and student.child.keyworker == "":
            if not is_new:
                self.post(student, "keyworker", former[0], start, former[0].left_on, end_reason="staff_left")
            return
        if end is not None and start > end:
            return
        last = end or today
        holder = now or self.with_room(self.keyworkers, start, last)
        span, begins, before = (last - start).days, start, None
        if span > 150 and not is_new and rng.random() < 0.12 * span / 365 + 0.05:
            begins = max(start, school.pupil_day(start + rng.randrange(60, span - 40) * DAY))
        if begins > start:
            before = self.with_room(
                [one for one in self.keyworkers if one is not holder], start, begins - DAY
            )
            gone = [
                one for one in former
                if one.left_on and start + 30 * DAY < one.left_on < min(today - 40 * DAY, last - 30 * DAY)
            ]  # fmt: skip
            if gone and rng.random() < 0.3:
                before = rng.choice(gone)
                begins = (before.left_on or begins) + DAY
        if before is not None:
            reason, note = self.why(student, before, holder)
            over = self.over(before, start, begins - DAY, "was-over-cap")
            ended = {"end_reason": reason, "end_note": note}
            self.post(student, "keyworker", before, start, begins - DAY, over_cap_reason=over, **ended)
        why = {"reason": reason, "reason_note": note} if before is not None else {}
        # Past caseloads changed under the reason given then; a present one is judged today.
        over = self.over(holder, begins if end else today, last, "was-over-cap" if end else "over-cap")
        self.spans[holder.id][-1] = (begins, end or date.max)
        self.post(student, "keyworker", holder, begins, end, over_cap_reason=over, **why)

    def over(self, staff: Staff, start: date, end: date, words: str) -> str:
        """Why they may have more than the cap, where they have; and they are theirs."""
        full = self.most(staff, start, end) >= CAP
        self.spans[staff.id].append((start, end))
        return PEOPLE[words] if full else ""

    def why(self, student: Student, old: Staff, new: Staff) -> tuple[str, str]:
        reason, note = (
            ("staff_left", PEOPLE["goodbye"]) if old.left_on else self.rng.choice(PEOPLE["changes"])
        )
        return reason, note.format(n=student.known_as, old=old.first, new=new.first, it=student.interest)

    def move_soon(self) -> None:
        """One change already agreed for next Monday; the hand-over is written."""
        school, today = self.school, self.school.today
        moving = next(
            one for one in school.students if one.child is not None and one.child.forename == "Zofia"
        )
        monday = today + (7 - today.weekday()) * DAY
        row = next(row for row in reversed(school.rows.tables[Assignment]) if row["student_id"] == moving.id)
        others = [one for one in self.keyworkers[1:] if one.id != row["user_id"]]
        new = min(others, key=lambda one: self.most(one, today, monday))
        note = PEOPLE["chose"].format(n=moving.known_as, new=new.first)
        row |= {"ends_on": monday - DAY, "end_reason": "workload", "end_note": note}
        moving.posts[-1] = (*moving.posts[-1][:3], monday - DAY)
        posts = [*moving.posts]
        self.post(moving, "keyworker", new, monday, None, reason="workload", reason_note=note)
        moving.posts = posts
        school.rows.add(
            HandOverNote, student_id=moving.id, written_by_id=row["user_id"],
            written_at=f"{today - DAY} 16:00 Europe/London", words=PEOPLE["hand-over"],
        )  # fmt: skip

    def others_of(self, student: Student) -> None:
        """Deputy, mentor, the core team and teacher since the school went live."""
        school, rng, left, pk = self.school, self.rng, student.left, student.id
        start, in_cast = max(student.joined, school.live_on), student.child is not None
        mentors, teachers = school.working_as("Academic mentor"), school.working_as("Teacher")
        transition, post16 = school.holding("transition"), school.holding("post16")
        holders = [staff for kind, staff, _, _ in student.posts if kind == "keyworker"]
        # Nobody stands by their own child.
        taken = {one.id for one in holders} | {link.worker_id for link in student.links if link.worker_id}
        theirs = holders[-1] if holders else self.keyworkers[pk % len(self.keyworkers)]
        place = self.keyworkers.index(theirs) if theirs in self.keyworkers else pk
        order = [place ^ 1, *range(place + 2, place + 2 + len(self.keyworkers))]
        near = [self.keyworkers[number % len(self.keyworkers)] for number in order]
        deputy = next((one for one in near if one.id not in taken), near[0])
        self.post(student, "deputy", deputy, start, left)
        if in_cast or student.year >= 9 or rng.random() < 0.4:
            mentor = mentors[0] if in_cast and pk <= 8 else mentors[pk % len(mentors)]
            self.post(student, "mentor", mentor, start, left)
        if pk in (1, 3, 5) or rng.random() < 0.6:
            self.post(student, "teacher", teachers[0 if pk in (1, 3, 5) else pk % len(teachers)], start, left)
        first_year = student.joined + 364 * DAY
        if first_year >= school.live_on:
            self.post(student, "core", transition, start, min(first_year, left or first_year))
        if student.year >= 11 and (left is None or left >= school.today):
            self.post(student, "core", post16, max(start, school.today - 60 * DAY), left)
        if pk % 3 == 0 and post16.id not in taken:
            self.post(student, "house", post16, start, left)
        extra = self.keyworkers[(pk * 7 + 3) % len(self.keyworkers)]
        if rng.random() < 0.5 and extra is not deputy and extra.id not in taken:
            self.post(student, "core", extra, start, left)
        # A keyworker who rings about one child may speak of the other.
        taken |= {staff.id for kind, staff, _, _ in student.posts if kind == "core"}
        for kind, staff, first, until in [*student.sibling.posts] if student.sibling else ():
            if kind == "keyworker" and staff.active and until is None and staff.id not in taken:
                self.post(student, "core", staff, max(start, first), left)

    def part_time(self) -> None:
        """The keyworker with the fewest students works four days a week, so that they are not above their limit."""
        rows = self.school.rows.tables
        now = Counter(
            row["user_id"]
            for row in rows[Assignment]
            if row["kind"] == "keyworker" and row["ends_on"] is None
        )
        fewest = min(self.keyworkers, key=lambda one: now[one.id])
        if now[fewest.id] <= 4:
            rows[User][fewest.id - 1]["days_a_week"] = Decimal(4)
