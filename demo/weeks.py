"""What the weeks of the school leave behind: attendance and points, mentoring, check-ups with teachers, leave of staff."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

from contacts.check_ups import KIND, rules
from contacts.check_ups.kinds import ISSUE, WELL
from contacts.holidays import to_share_out, weeks_of
from contacts.models import HolidayWeek, MentoringSlot
from enquiries.models import Enquiry
from keywork.models import StaffAbsence
from keywork.policy import Policy
from students.models import Attendance, Points
from students.rules import academic_year

from .cast import PEOPLE
from .people import School, Staff, Student
from .rows import DAY, at, done

_WEEKS, _CHECKED, _BACK, _AHEAD = 12, 4, 5, 1  # of the register; of check-ups; of mentoring


def write_weeks(school: School) -> None:
    rng, monday = school.dice("weeks"), school.today - school.today.weekday() * DAY
    mondays = [monday - 7 * week * DAY for week in range(2 * _WEEKS)]
    taught = [day for day in mondays if school.calendar.is_pupil_day(day) and day >= school.live_on]
    slots = Counter[int]()  # that each mentor has in a week
    for student in school.students:
        _register(student, mondays[1:], rng)
    for student in school.here():
        mentor, keyworker = (student.holder(kind, school.today) for kind in ("mentor", "keyworker"))
        if student.left:
            continue
        if mentor:
            _mentoring(student, mentor, slots, monday, rng)
        if mentor and keyworker and student.id % 2:
            _holiday(student, keyworker, mentor)
        if keyworker and keyworker.sign_in and student.joined <= school.today - 60 * DAY:
            for began in reversed(taught[:_CHECKED]):
                _check_ups(student, keyworker, began, rng)
    # When keyworkers were, are and will be away; the first of them this week.
    for place, one in enumerate(school.working_as("Keyworker")[2:]):
        began = school.today - (rng.randrange(-40, 300) if place else 2) * DAY
        ends_on = began + (rng.randrange(0, 5) if place else 7) * DAY
        opened = at(school.live_on, "08:00")
        school.rows.add(StaffAbsence, user_id=one.id, starts_on=began, ends_on=ends_on, created_at=opened)


def _register(student: Student, mondays: list[date], rng: Random) -> None:
    """Attendance and points of the latest weeks of this school year, if they were there for the whole of one."""
    school, often, good = student.school, rng.choice((0.97, 0.95, 0.92, 0.85)), rng.choice((4, 6, 9))
    mondays = [day for day in mondays if academic_year(day) == academic_year(school.today)]
    days = {day: school.calendar.pupil_days(day, day + 4 * DAY) for day in mondays}
    for first, possible in [(day, 2 * many) for day, many in days.items() if many][:_WEEKS]:
        last = first + 4 * DAY
        if student.joined > first or (student.left and student.left < last):
            continue
        made = {"starts_on": first, "ends_on": last, "source": "Register", "recorded_at": at(last, "16:00")}
        attended = sum(rng.random() < often for _ in range(possible))
        authorised = rng.randint(0, possible - attended)
        student.add(
            Attendance, possible=possible, attended=attended, authorised=authorised,
            unauthorised=possible - attended - authorised,
            suspended_days=0.5 if rng.random() < 0.01 and attended < possible else 0, **made,
        )  # fmt: skip
        achieved = rng.randint(0, good * possible // 10)
        student.add(Points, achievement=achieved, behaviour=rng.choice((0, 0, 0, 1, 2)), **made)


def _mentoring(student: Student, mentor: Staff, slots: Counter[int], monday: date, rng: Random) -> None:
    """For some one slot a week, always at the same time, one after the other so that no mentor is in two places."""
    school, said = student.school, PEOPLE["mentoring"]
    if rng.random() < 0.5 or slots[mentor.id] >= 5 * len(said["times"]):
        return
    nth, weekday = divmod(slots[mentor.id], 5)
    slots[mentor.id] += 1
    where, minutes = rng.choice(said["places"]), rng.choice((20, 20, 60))
    for week in range(-_BACK, _AHEAD + 1):
        on = monday + (7 * week + weekday) * DAY
        if on < student.first_day or not school.calendar.is_pupil_day(on):
            continue
        row = student.add(
            MentoringSlot, mentor_id=mentor.id, kind="slot", on=on, at=said["times"][nth], minutes=minutes, where=where,
            focus=rng.choice(said["focuses"]), status="planned",
            **done("planned", max(student.first_day, min(on - 7 * DAY, school.today)), "08:00", mentor.id),
        )  # fmt: skip
        if on < school.today:
            status = rng.choices(("attended", "no_show", "cancelled"), (8, 1, 1))[0]
            row |= {"status": status, "note": rng.choice(said["notes"]) if status == "attended" else ""}
            row |= done("marked", on, "15:40", mentor.id)


def _holiday(student: Student, keyworker: Staff, mentor: Staff) -> None:
    """Keyworker and mentor have shared the next long holiday out, if it is near."""
    today, calendar = student.school.today, student.school.calendar
    closure = to_share_out(today, Policy(), calendar)
    for number, (first, last) in enumerate(weeks_of(closure) if closure else ()):
        by = (keyworker, mentor)[number % 2].id
        student.add(
            HolidayWeek, starts_on=first, ends_on=last, covered_by_id=by, **done("entered", today - DAY, "16:00", by)
        )  # fmt: skip


def _check_ups(student: Student, keyworker: Staff, began: date, rng: Random) -> None:
    """What the keyworker asked those around the student in one week."""
    today = student.school.today
    people = {student.holder(kind, began) for kind in ("mentor", "core", "teacher")} - {None, keyworker}
    for person in sorted(filter(None, people), key=lambda one: one.id):
        answered = began + rng.choice((0, 0, 1, 2)) * DAY
        row = student.add(
            Enquiry, kind=KIND, user_id=person.id, period=began.isoformat(), answer_by=rules.closes_on(began, None),
            reminded_at=at(began, "08:30"), **done("asked", began, "08:30", keyworker.id),
        )  # fmt: skip
        if answered < today and rng.random() < 0.8:
            told = rng.random() < 0.2
            words = rng.choice(PEOPLE["check-ups"]) if told else ""
            row |= {
                "answers": {"how": ISSUE if told else WELL, "words": words},
                "answered_at": at(answered, "15:45"),
            }
            if told and answered < today - 7 * DAY:
                row |= done("read", answered + DAY, "08:20", keyworker.id)
