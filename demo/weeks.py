"""What the weeks of the school leave behind: attendance and points, mentoring, check-ups with teachers, leave of staff,
letters of the demo's keyworker."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from contacts.check_ups import KIND, rules
from contacts.check_ups.kinds import ISSUE, WELL
from contacts.holidays import to_share_out, weeks_of
from contacts.models import HolidayWeek, HomeContact, HomeLetter, IncomingMail, LogAddress, MentoringSlot
from enquiries.models import Enquiry
from keywork.models import Assignment, StaffAbsence
from keywork.policy import Policy
from students.models import Attendance, Points
from students.rules import academic_year

from .cast import PEOPLE
from .people import School, Staff, Student
from .rows import DAY, Row, at

_WEEKS, _CHECKED, _BACK, _AHEAD = 12, 4, 5, 1  # of the register; of check-ups; of mentoring


def write_weeks(school: School, rng: random.Random) -> None:
    _register(school, rng)
    _mentoring(school, rng)
    _holiday_cover(school, rng)
    _leave(school, rng)
    _letters(school)
    for student in school.here():
        _check_ups(school, student, rng)


def _monday(school: School) -> date:
    return school.today - school.today.weekday() * DAY


def _register(school: School, rng: random.Random) -> None:
    """Attendance and points of the latest weeks of this school year, of everybody there for the whole of them."""
    mondays = [_monday(school) - 7 * week * DAY for week in range(1, 2 * _WEEKS)]
    days = {day: 2 * sum(school.calendar.is_pupil_day(day + n * DAY) for n in range(5)) for day in mondays}
    year = academic_year(school.today)
    weeks = [(day, possible) for day, possible in days.items() if possible and academic_year(day) == year][
        :_WEEKS
    ]
    for student in school.students:
        often, good = rng.choice((0.97, 0.95, 0.92, 0.85)), rng.choice((4, 6, 9))
        for first, possible in weeks:
            last = first + 4 * DAY
            if student.joined > first or (student.left and student.left < last):
                continue
            made = {
                "student_id": student.id, "starts_on": first, "ends_on": last, "source": "Register",
                "recorded_at": at(last, "16:00"),
            }  # fmt: skip
            attended = sum(rng.random() < often for _ in range(possible))
            authorised = rng.randint(0, possible - attended)
            school.rows.add(
                Attendance, possible=possible, attended=attended, authorised=authorised,
                unauthorised=possible - attended - authorised,
                suspended_days=0.5 if rng.random() < 0.01 and attended < possible else 0, **made,
            )  # fmt: skip
            achieved = rng.randint(0, good * possible // 10)
            school.rows.add(Points, achievement=achieved, behaviour=rng.choice((0, 0, 0, 1, 2)), **made)


def _current(school: School, kind: str) -> list[Row]:
    rows = school.rows.tables[Assignment]
    return [
        row for row in rows if row["kind"] == kind and not row["ends_on"] and row["starts_on"] <= school.today
    ]


def _mentoring(school: School, rng: random.Random) -> None:
    """One slot a week for some students with a mentor, on the same day each week; nobody is in two places."""
    said, taken = PEOPLE["mentoring"], set()
    for post in _current(school, "mentor"):
        weekday, time = rng.randrange(5), rng.choice(said["times"])
        where, minutes, by = rng.choice(said["places"]), rng.choice((20, 20, 60)), post["user_id"]
        if rng.random() < 0.5 or (by, weekday, time) in taken:
            continue
        taken.add((by, weekday, time))
        for week in range(-_BACK, _AHEAD + 1):
            on = _monday(school) + (7 * week + weekday) * DAY
            if on < max(post["starts_on"], school.live_on) or not school.calendar.is_pupil_day(on):
                continue
            is_past = on < school.today
            status = rng.choices(("attended", "no_show", "cancelled"), (8, 1, 1))[0] if is_past else "planned"
            planned = max(post["starts_on"], min(on - 7 * DAY, school.today))
            school.rows.add(
                MentoringSlot, student_id=post["student_id"], mentor_id=by, kind="slot", on=on, at=time, minutes=minutes,
                where=where, focus=rng.choice(said["focuses"]), status=status, planned_by_id=by,
                note=rng.choice(said["notes"]) if status == "attended" else "", planned_at=at(planned, "08:00"),
                marked_by_id=by if is_past else None, marked_at=at(on, "15:40") if is_past else None,
            )  # fmt: skip


def _holiday_cover(school: School, rng: random.Random) -> None:
    """Half of the pairs have shared the next long holiday out, if it is near."""
    closure = to_share_out(school.today, Policy(), school.calendar)
    keyworker = {post["student_id"]: post["user_id"] for post in _current(school, "keyworker")}
    for post in _current(school, "mentor") if closure is not None else ():
        if post["student_id"] in keyworker and closure is not None and rng.random() < 0.5:
            pair = keyworker[post["student_id"]], post["user_id"]
            for number, (first, last) in enumerate(weeks_of(closure)):
                school.rows.add(
                    HolidayWeek, student_id=post["student_id"], starts_on=first, ends_on=last, entered_by_id=pair[number % 2],
                    covered_by_id=pair[number % 2], entered_at=at(school.today - DAY, "16:00"),
                )  # fmt: skip


def _leave(school: School, rng: random.Random) -> None:
    """When keyworkers were, are and will be away; Dan Merrow is away this week."""
    for place, one in enumerate(school.working_as("Keyworker")[2:]):
        began = school.today - (rng.randrange(-40, 300) if place else 2) * DAY
        days = rng.randrange(0, 5) if place else 7
        school.rows.add(
            StaffAbsence,
            user_id=one.id,
            starts_on=began,
            ends_on=began + days * DAY,
            created_at=at(school.live_on, "08:00"),
        )


def _check_ups(school: School, student: Student, rng: random.Random) -> None:
    """Every keyworker of three sends them, and the demo's own."""
    keyworker = student.holder("keyworker", school.today)
    if keyworker is None or student.left is not None or student.joined > school.today - 60 * DAY:
        return
    if keyworker.post.sign_in != "keyworker" and keyworker.id % 3:
        return
    mondays = [_monday(school) - 7 * week * DAY for week in reversed(range(12))]
    taught = [day for day in mondays if school.calendar.is_pupil_day(day) and day >= school.live_on]
    for began in taught[-_CHECKED:]:
        people = (student.holder(kind, began) for kind in ("mentor", "core", "teacher"))
        for person in {one.id: one for one in people if one is not None and one is not keyworker}.values():
            _check_up(school, student, keyworker, person, began, rng)


def _check_up(
    school: School, student: Student, keyworker: Staff, person: Staff, began: date, rng: random.Random
) -> None:
    answered = began + rng.choice((0, 0, 1, 2)) * DAY
    is_said = answered < school.today and rng.random() < 0.8
    told = is_said and rng.random() < 0.2
    answers = {"how": ISSUE, "words": rng.choice(PEOPLE["check-ups"])} if told else {"how": WELL, "words": ""}
    is_read = told and answered < school.today - 7 * DAY
    school.rows.add(
        Enquiry, kind=KIND, student_id=student.id, user_id=person.id, period=began.isoformat(), asked_at=at(began, "08:30"),
        asked_by_id=keyworker.id, answer_by=rules.closes_on(began, None), reminded_at=at(began, "08:30"),
        answers=answers if is_said else {}, answered_at=at(answered, "15:45") if is_said else None,
        read_at=at(answered + DAY, "08:20") if is_read else None, read_by_id=keyworker.id if is_read else None,
    )  # fmt: skip


def _letters(school: School) -> None:
    """A letter of the demo's keyworker, the newest e-mail in the log; and one from home that waits to be logged."""
    mine = school.of_sign_in()
    sent = [
        row
        for row in school.rows.tables[HomeContact]
        if row["student_id"] in {one.id for one in mine}
        and (row["channel"], row["outcome"]) == ("email", "delivered")
    ]
    for row in sent[-1:]:
        made: dict[str, Any] = {name: row[name] for name in ("student_id", "member_id", "with_name")}
        school.rows.add(
            HomeLetter, words=row["notes"] or PEOPLE["letter"], written_by_id=row["made_by_id"], contact_id=row["id"],
            written_at=at(row["happened_on"], "15:30"), **made,
        )  # fmt: skip
    yesterday = school.today - DAY
    for student in mine[:1]:
        by = school.keyworker_of(student, school.today).id
        school.rows.add(
            LogAddress,
            student_id=student.id,
            local="log-invented",
            made_at=at(yesterday, "08:00"),
            made_by_id=by,
        )
        school.rows.add(
            IncomingMail, key="the first message of the demo", received_at=at(yesterday, "16:10"), student_id=student.id,
            sender_id=by, sent_on=yesterday, subject="Fwd: Friday", words=PEOPLE["forwarded"], is_from_home=True,
            member_id=student.links[0].member_id if student.links else None, state=IncomingMail.State.WAITING.value, left_out=[],
        )  # fmt: skip
