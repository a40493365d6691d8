"""Who stands by whom, and when: keyworkers with their changes, deputies, mentors, core team, teachers."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from random import Random

from keywork.models import Assignment, User

from .cast import PEOPLE
from .people import School, Staff, Student
from .rows import DAY, at

CAP = 5


def place_everyone(school: School) -> None:
    """Every assignment as a row; also kept on each student as `assignments`."""
    rng, keyworkers = school.dice("posts"), school.working_as("Keyworker")
    found, held = _share_out(school, keyworkers)
    for student in school.come():
        _keyworkers_of(student, found.get(student.id), keyworkers, held, rng)
        _others_of(student, keyworkers, rng)
    head = school.holding("head").id
    for row in school.rows.tables[Assignment]:
        row |= {"assigned_by_id": head, "ended_by_id": head if row["ends_on"] else None}
        row["assigned_at"] = at(min(row["starts_on"], school.today), "00:01")
    # The keyworker with the fewest students works four days a week, so that they are not above their limit.
    fewest = min(keyworkers, key=lambda one: held[one.id])
    if held[fewest.id] <= 4:
        school.rows.tables[User][fewest.id - 1]["days_a_week"] = Decimal(4)


def _post(student: Student, kind: str, staff: Staff, start: date, end: date | None, **more: str) -> None:
    if end is None or end >= start:
        student.assignments.append((kind, staff, start, end))
        reason = "student_left" if end == student.left else "staff_left" if staff.left_on else "other"
        student.add(
            Assignment, user_id=staff.id, kind=kind, starts_on=start, ends_on=end,
            **{"end_reason": reason if end else "", **more},
        )  # fmt: skip


def _share_out(school: School, keyworkers: list[Staff]) -> tuple[dict[int, Staff], Counter[int]]:
    """A keyworker today for each: the one their story names, else whoever has fewest; and how many each has."""
    by_name = {one.name: one for one in keyworkers}
    wanted = {one.id: one.child.get("keyworker") for one in school.here()}
    found = {pk: by_name[name] for pk, name in wanted.items() if name in by_name}
    held = Counter(one.id for one in found.values())
    for pk, name in wanted.items():
        if pk not in found and name != "":
            found[pk] = min(keyworkers, key=lambda one: held[one.id])
            held[found[pk].id] += 1
    return found, held


def _keyworkers_of(
    student: Student, now: Staff | None, keyworkers: list[Staff], held: Counter[int], rng: Random
) -> None:
    """The present one, or the last; some had another before."""
    school, start, end = student.school, student.first_day, student.left
    former = next(one for one in school.staff if one.job == "Keyworker" and one.left_on)
    gone, is_new, why = former.left_on or date.max, "joined" in student.story("ending"), dict[str, str]()
    if student.child.get("keyworker") == "":
        if not is_new:
            _post(student, "keyworker", former, start, gone)
        return
    holder, span, begins = now or rng.choice(keyworkers), (student.last_day - start).days, start
    if span > 150 and not is_new and rng.random() < 0.12 * span / 365 + 0.05:
        before = rng.choice([one for one in keyworkers if one is not holder])
        begins = max(start, school.pupil_day(start + rng.randrange(60, span - 40) * DAY))
        reason, note = rng.choice(PEOPLE["changes"])
        if start < gone < start + (span - 40) * DAY and rng.random() < 0.3:
            before, begins, reason, note = former, gone + DAY, "staff_left", PEOPLE["goodbye"]
        note = note.format(n=student.known_as, old=before.first, new=holder.first, it=student.interest)
        why = {"reason": reason, "reason_note": note} if begins > start else {}
        _post(student, "keyworker", before, start, begins - DAY, end_reason=reason, end_note=note)
    if now is not None and held[now.id] > CAP:
        why["over_cap_reason"] = PEOPLE["over-cap"]
    _post(student, "keyworker", holder, begins, end, **why)


def _others_of(student: Student, keyworkers: list[Staff], rng: Random) -> None:
    """Deputy, mentor, the core team and teacher since the school went live; nobody stands by their own child."""
    school, start, left, pk = student.school, student.first_day, student.left, student.id
    mentors, teachers = school.working_as("Academic mentor"), school.working_as("Teacher")
    taken = {staff.id for _, staff, _, _ in student.assignments}
    taken |= {link.account for link in student.links if link.account and link.works_here}
    free = [one for one in keyworkers if one.id not in taken]
    deputy, extra, is_known = free[pk % len(free)], free[(pk * 7 + 3) % len(free)], pk in (1, 3, 5)
    post16, first_year = school.holding("post16"), min(student.joined + 364 * DAY, left or date.max)
    mentor = mentors[0 if student.child and pk <= 8 else pk % len(mentors)]
    teacher = teachers[0 if is_known else pk % len(teachers)]
    is_here = left is None or left >= school.today
    for kind, staff, first, last, holds in (
        ("deputy", deputy, start, left, True),
        ("mentor", mentor, start, left, student.child or student.year >= 9 or rng.random() < 0.4),
        ("teacher", teacher, start, left, is_known or rng.random() < 0.6),
        ("core", school.holding("transition"), start, first_year, first_year >= school.live_on),
        ("core", post16, max(start, school.today - 60 * DAY), left, student.year >= 11 and is_here),
        ("house", post16, start, left, pk % 3 == 0 and post16.id not in taken),
        ("core", extra, start, left, rng.random() < 0.5 and extra is not deputy),
    ):
        if holds:
            _post(student, kind, staff, first, last)
    # A keyworker who rings about one child may speak of the other.
    taken |= {staff.id for kind, staff, _, _ in student.assignments if kind == "core"}
    for kind, staff, first, until in student.sibling.assignments if student.sibling else ():
        if kind == "keyworker" and staff.left_on is None and until is None and staff.id not in taken:
            _post(student, "core", staff, max(start, first), left)
