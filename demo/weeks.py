"""What the weeks of the school leave behind: attendance and points, mentoring, check-ups with teachers, leave of staff."""

from __future__ import annotations

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
from .people import School, Student
from .rows import DAY, at

_WEEKS, _CHECKED, _BACK, _AHEAD = 12, 4, 5, 1  # of the register; of check-ups; of mentoring


def write_weeks(school: School) -> None:
    rng, monday = school.dice("weeks"), school.today - school.today.weekday() * DAY
    mondays = [monday - 7 * week * DAY for week in range(2 * _WEEKS)]
    taught = [day for day in mondays if school.calendar.is_pupil_day(day) and day >= school.live_on]
    taken: set[tuple[int, int, str]] = set()
    for student in school.students:
        _register(student, mondays[1:], rng)
    for student in school.here():
        _mentoring(student, monday, taken, rng)
        for began in reversed(taught[:_CHECKED]):
            _check_ups(student, began, rng)
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


def _mentoring(student: Student, monday: date, taken: set[tuple[int, int, str]], rng: Random) -> None:
    """For some with a mentor one slot a week, at the same time; nobody is in two places. Half of the pairs of mentor and
    keyworker have shared the next long holiday out, if it is near."""
    school, said, mentor = student.school, PEOPLE["mentoring"], student.holder("mentor", student.school.today)
    weekday, time = rng.randrange(5), rng.choice(said["times"])
    if mentor is None or student.left:
        return
    where, minutes, is_free = (
        rng.choice(said["places"]),
        rng.choice((20, 20, 60)),
        (mentor.id, weekday, time) not in taken,
    )
    for week in range(-_BACK, _AHEAD + 1) if is_free and rng.random() < 0.5 else ():
        taken.add((mentor.id, weekday, time))
        on = monday + (7 * week + weekday) * DAY
        if on < student.first_day or not school.calendar.is_pupil_day(on):
            continue
        is_past = on < school.today
        status = rng.choices(("attended", "no_show", "cancelled"), (8, 1, 1))[0] if is_past else "planned"
        student.add(
            MentoringSlot, mentor_id=mentor.id, kind="slot", on=on, at=time, minutes=minutes, where=where, status=status,
            focus=rng.choice(said["focuses"]), note=rng.choice(said["notes"]) if status == "attended" else "",
            planned_by_id=mentor.id, planned_at=at(max(student.first_day, min(on - 7 * DAY, school.today)), "08:00"),
            marked_by_id=mentor.id if is_past else None, marked_at=at(on, "15:40") if is_past else None,
        )  # fmt: skip
    keyworker, closure = (
        student.holder("keyworker", school.today),
        to_share_out(school.today, Policy(), school.calendar),
    )
    for number, (first, last) in enumerate(
        weeks_of(closure) if closure and keyworker and rng.random() < 0.5 else ()
    ):
        by = (keyworker, mentor)[number % 2]
        student.add(
            HolidayWeek, starts_on=first, ends_on=last, entered_by_id=by and by.id, covered_by_id=by and by.id,
            entered_at=at(school.today - DAY, "16:00"),
        )  # fmt: skip


def _check_ups(student: Student, began: date, rng: Random) -> None:
    """Every keyworker of three sends them, and the demo's own."""
    school = student.school
    keyworker = student.holder("keyworker", school.today)
    if keyworker is None or student.left or student.joined > school.today - 60 * DAY:
        return
    if keyworker.sign_in != "keyworker" and keyworker.id % 3:
        return
    people = {student.holder(kind, began) for kind in ("mentor", "core", "teacher")} - {None, keyworker}
    for person in sorted(filter(None, people), key=lambda one: one.id):
        answered = began + rng.choice((0, 0, 1, 2)) * DAY
        is_said = answered < school.today and rng.random() < 0.8
        told = is_said and rng.random() < 0.2
        answers = (
            {"how": ISSUE, "words": rng.choice(PEOPLE["check-ups"])} if told else {"how": WELL, "words": ""}
        )
        is_read = told and answered < school.today - 7 * DAY
        student.add(
            Enquiry, kind=KIND, user_id=person.id, period=began.isoformat(), asked_at=at(began, "08:30"),
            asked_by_id=keyworker.id, answer_by=rules.closes_on(began, None), reminded_at=at(began, "08:30"),
            answers=answers if is_said else {}, answered_at=at(answered, "15:45") if is_said else None,
            read_at=at(answered + DAY, "08:20") if is_read else None, read_by_id=keyworker.id if is_read else None,
        )  # fmt: skip
