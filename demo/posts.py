"""Who stands by whom, and when: keyworkers with their changes, deputies, mentors, core team, teachers."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from .people import School, Staff, Student, pupil_day

_DAY = timedelta(days=1)
CAP = 5
OVER_CAP = "Agreed with Delyth until the end of term: covers for Sam, who has left."
WAS_OVER_CAP = "Agreed with Delyth while a post was empty."
CHANGES = (
    ("student_request", "{n} asked for somebody who likes {interest}. Both keyworkers met {n} together."),
    ("relationship_settled_elsewhere", "{n} goes to {new} first whenever something is hard."),
    ("workload", "{old} took on two new students; {n} and home agreed."),
    ("staff_absence", "{old} was away for a long time."),
    ("other", "{n} moved house group."),
)


@dataclass
class _Loads:
    """How many students each keyworker has had at once."""

    spans: dict[int, list[tuple[date, date]]] = field(default_factory=lambda: defaultdict(list))

    def at_most(self, staff: Staff, start: date, end: date) -> int:
        """The most students at once on any day from `start` to `end`."""
        near = [span for span in self.spans[staff.id] if span[0] <= end and span[1] >= start]
        days = [start, *(first for first, _ in near if first > start)]
        return max(sum(first <= day <= last for first, last in near) for day in days)

    def add(self, staff: Staff, start: date, end: date | None) -> None:
        self.spans[staff.id].append((start, end or date.max))


def place_everyone(school: School, rng: random.Random) -> list[dict[str, Any]]:
    """Every assignment as the fields of keywork.Assignment; also kept on each student as `posts`."""
    rows: list[dict[str, Any]] = []
    loads = _Loads()
    keyworkers = school.working_as("Keyworker")
    former = school.working_as("Keyworker", active=False)
    here = {id(one) for one in school.here()}
    nobody = _without(school)
    current = _share_out(
        [one for one in school.students if id(one) in here and id(one) not in nobody],
        keyworkers,
        loads,
        school.today,
    )
    for student in school.students:
        if student.joined > school.today:
            continue
        _keyworker_history(school, student, current.get(id(student)), keyworkers, former, loads, rows, rng)
    _move_soon(school, rows, keyworkers, loads)
    _others(school, rows, keyworkers, rng)
    head = school.holding("head")
    for number, row in enumerate(rows, 1):
        row["id"] = number
        row["assigned_by_id"] = head.id
        row["assigned_at"] = (
            f"{row['starts_on']} 09:00 Europe/London"
            if row["starts_on"] <= school.today
            else f"{school.today} 00:01 Europe/London"
        )
        if row.get("ends_on"):
            row["ended_by_id"] = head.id
    return rows


def _without(school: School) -> set[int]:
    return {id(one) for one in school.students if one.child is not None and one.child.keyworker == ""}


def _share_out(
    students: list[Student], keyworkers: list[Staff], loads: _Loads, today: date
) -> dict[int, Staff]:
    """A keyworker today for each: the one their story names, else the first with room."""
    found: dict[int, Staff] = {}
    held: dict[int, int] = defaultdict(int)
    by_name = {one.name: one for one in keyworkers}
    # Who drew Kit is over the cap; nobody else is.
    for student in students:
        named = by_name.get(student.child.keyworker or "") if student.child else None
        if named is not None:
            found[id(student)] = named
            held[named.id] += 1
    # Ros is full with her own five; everybody else starts level.
    rest = [one for one in students if id(one) not in found]
    turn = 0
    for student in rest:
        for _ in keyworkers:
            one = keyworkers[turn % len(keyworkers)]
            turn += 1
            if held[one.id] < CAP:
                break
        found[id(student)] = one
        held[one.id] += 1
    return found


def _keyworker_history(
    school: School,
    student: Student,
    now: Staff | None,
    keyworkers: list[Staff],
    former: list[Staff],
    loads: _Loads,
    rows: list[dict[str, Any]],
    rng: random.Random,
) -> None:
    start = max(student.joined, school.live_on)
    last = min(student.left or date.max, date.max)
    end: date | None = None if last == date.max else last
    if start > (end or date.max):
        return
    spans: list[tuple[Staff, date, date | None]] = []
    upto = end
    if student.child is not None and student.child.keyworker == "":
        if student.ending.joined is not None:
            return
        gone = former[0]
        spans.append((gone, start, gone.left_on))
    else:
        holder = now or _with_room(keyworkers, loads, start, end or school.today, rng)
        begins = start
        span = ((end or school.today) - start).days
        if span > 150 and student.ending.joined is None and rng.random() < 0.12 * span / 365 + 0.05:
            begins = pupil_day(school.calendar, start + rng.randrange(60, span - 40) * _DAY)
            if begins <= start:
                begins = start
        spans.append((holder, begins, upto))
        if begins > start:
            before = _with_room(
                [one for one in keyworkers if one is not holder], loads, start, begins - _DAY, rng
            )
            left = [
                one
                for one in former
                if one.left_on is not None and start + 30 * _DAY < one.left_on < school.today - 40 * _DAY
            ]
            if left and rng.random() < 0.3:
                before = rng.choice(left)
                assert before.left_on is not None
                if before.left_on < (end or school.today) - 30 * _DAY:
                    begins = before.left_on + _DAY
                    spans[0] = (holder, begins, upto)
            spans.insert(0, (before, start, begins - _DAY))
    for place, (holder, first, until) in enumerate(spans):
        # Past caseloads changed under the reason given then; a present one is judged today.
        over = loads.at_most(holder, first if until else school.today, until or school.today) >= CAP
        loads.add(holder, first, until)
        row: dict[str, Any] = {
            "student_id": student.id,
            "user_id": holder.id,
            "kind": "keyworker",
            "starts_on": first,
            "ends_on": until,
            "over_cap_reason": (OVER_CAP if until is None else WAS_OVER_CAP) if over else "",
        }
        if place:
            row |= _why(student, spans[place - 1][0], holder, rng)
        if until is not None:
            following = spans[place + 1] if place + 1 < len(spans) else None
            row["end_reason"] = (
                "student_left"
                if following is None and student.left
                else "staff_left"
                if holder.left_on
                else "other"
            )
        rows.append(row)
        if place and len(rows) > 1:
            rows[-2]["end_reason"] = row["reason"]
            rows[-2]["end_note"] = row["reason_note"]
        student.posts.append(("keyworker", holder, first, until))


def _why(student: Student, old: Staff, new: Staff, rng: random.Random) -> dict[str, str]:
    if old.left_on is not None:
        return {
            "reason": "staff_left",
            "reason_note": f"{old.first} left the school and said goodbye in person.",
        }
    reason, note = rng.choice(CHANGES)
    words = {"n": student.known_as, "old": old.first, "new": new.first, "interest": student.interest}
    return {"reason": reason, "reason_note": note.format_map(words)}


def _with_room(keyworkers: list[Staff], loads: _Loads, start: date, end: date, rng: random.Random) -> Staff:
    some = rng.sample(keyworkers, min(25, len(keyworkers)))
    return min(some, key=lambda one: loads.at_most(one, start, end))


def _move_soon(school: School, rows: list[dict[str, Any]], keyworkers: list[Staff], loads: _Loads) -> None:
    """One change already agreed for next Monday."""
    moving = next(one for one in school.students if one.child is not None and one.child.forename == "Zofia")
    monday = school.today + (7 - school.today.weekday()) * _DAY
    row = next(row for row in reversed(rows) if row["student_id"] == moving.id)
    old = next(one for one in keyworkers if one.id == row["user_id"])
    others = [one for one in keyworkers if one is not old and one is not keyworkers[0]]
    new = min(others, key=lambda one: loads.at_most(one, school.today, monday))
    note = f"{moving.known_as} chose {new.first}; they met last week."
    row |= {"ends_on": monday - _DAY, "end_reason": "workload", "end_note": note}
    kind, holder, start, _ = moving.posts[-1]
    moving.posts[-1] = (kind, holder, start, monday - _DAY)
    rows.append(
        {
            "student_id": moving.id,
            "user_id": new.id,
            "kind": "keyworker",
            "starts_on": monday,
            "ends_on": None,
            "reason": "workload",
            "reason_note": note,
        }
    )


def _others(school: School, rows: list[dict[str, Any]], keyworkers: list[Staff], rng: random.Random) -> None:
    """Deputies, mentors, the core team and teachers of everyone since the school went live."""
    mentors, teachers = school.working_as("Academic mentor"), school.working_as("Teacher")
    transition, post16 = school.holding("transition"), school.holding("post16")
    place_of = {one.id: place for place, one in enumerate(keyworkers)}
    for student in school.students:
        if student.joined > school.today:
            continue
        start = max(student.joined, school.live_on)
        holders = [staff for kind, staff, _, _ in student.posts if kind == "keyworker"]
        theirs = holders[-1] if holders else keyworkers[student.id % len(keyworkers)]
        # Nobody stands by their own child.
        taken = {one.id for one in holders} | {
            link.worker_id for link in student.links if link.worker_id is not None
        }
        deputy = _buddy(keyworkers, place_of.get(theirs.id, student.id), taken)
        _post(student, rows, "deputy", deputy, start, student.left)
        in_cast = student.child is not None
        if in_cast or student.year >= 9 or rng.random() < 0.4:
            mentor = mentors[0] if in_cast and student.id <= 8 else mentors[student.id % len(mentors)]
            _post(student, rows, "mentor", mentor, start, student.left)
        own = teachers[0] if student.id in (1, 3, 5) else teachers[student.id % len(teachers)]
        if student.id in (1, 3, 5) or rng.random() < 0.6:
            _post(student, rows, "teacher", own, start, student.left)
        first_year = student.joined + 364 * _DAY
        if first_year >= school.live_on:
            _post(student, rows, "core", transition, start, min(first_year, student.left or first_year))
        if student.year >= 11 and (student.left is None or student.left >= school.today):
            _post(student, rows, "core", post16, max(start, school.today - 60 * _DAY), student.left)
        if student.id % 3 == 0 and post16.id not in taken:
            _post(student, rows, "house", post16, start, student.left)
        if rng.random() < 0.5:
            extra = keyworkers[(student.id * 7 + 3) % len(keyworkers)]
            if extra is not deputy and extra.id not in taken:
                _post(student, rows, "core", extra, start, student.left)
        if student.sibling is not None:
            # A keyworker who rings about one child may speak of the other.
            own_core = {staff.id for kind, staff, _, _ in student.posts if kind == "core"}
            for kind, staff, first, until in list(student.sibling.posts):
                if (
                    kind == "keyworker"
                    and staff.active
                    and until is None
                    and staff.id not in own_core | taken
                ):
                    _post(student, rows, "core", staff, max(start, first), student.left)


def _buddy(keyworkers: list[Staff], place: int, taken: set[int]) -> Staff:
    order = [place ^ 1, *range(place + 2, place + 2 + len(keyworkers))]
    candidates = [keyworkers[number % len(keyworkers)] for number in order]
    return next((one for one in candidates if one.id not in taken), candidates[0])


def _post(
    student: Student, rows: list[dict[str, Any]], kind: str, staff: Staff, start: date, end: date | None
) -> None:
    if end is not None and end < start:
        return
    student.posts.append((kind, staff, start, end))
    rows.append(
        {
            "student_id": student.id,
            "user_id": staff.id,
            "kind": kind,
            "starts_on": start,
            "ends_on": end,
            "end_reason": "student_left"
            if end is not None and end == student.left
            else "other"
            if end
            else "",
        }
    )
