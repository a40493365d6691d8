"""Check-ups with teachers of the last weeks, as the keyworkers of the demo began them: the school asks nobody by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db.models import Max

from contacts.check_ups import KIND, rules
from contacts.check_ups.forms import ISSUE, WELL
from enquiries.models import Enquiry

from .copying import copy_numbered
from .people import School, Staff, Student

WEEKS = 4
ASKED = ("mentor", "core", "teacher")
TOLD = (
    "Left the room twice this week when it got loud. Came back after ten minutes each time.",
    "No homework for two weeks. I have not made anything of it yet.",
    "Sat alone at lunch on Tuesday and Wednesday.",
    "Did not want to work with the new table. Fine once we moved back.",
)
_DAY = timedelta(days=1)


def write_check_ups(school: School, dice: Callable[[str], Random]) -> None:
    """After all else that is asked: ids go on from the last one."""
    last = Enquiry.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = (
        row for student in school.students for row in _of(student, school, dice(f"check-ups {student.id}"))
    )
    copy_numbered(Enquiry, ({"id": last + number, **row} for number, row in enumerate(rows, 1)))


def _of(student: Student, school: School, rng: Random) -> Iterator[dict[str, Any]]:
    """Every keyworker of three sends them; the demo's own keyworker does."""
    keyworker = student.holder("keyworker", school.today)
    if keyworker is None or student.left is not None or student.joined > school.today - 60 * _DAY:
        return
    if keyworker.post.sign_in != "keyworker" and keyworker.id % 3:
        return
    for began in _mondays(school):
        people = {one.id: one for kind in ASKED if (one := student.holder(kind, began)) and one != keyworker}
        for person in people.values():
            yield _row(student, keyworker, person, began, school.today, rng)


def _mondays(school: School) -> list[date]:
    monday = school.today - school.today.weekday() * _DAY
    days = (monday - 7 * week * _DAY for week in reversed(range(12)))
    return [day for day in days if school.calendar.is_pupil_day(day) and day >= school.live_on][-WEEKS:]


def _row(
    student: Student, keyworker: Staff, person: Staff, began: date, today: date, rng: Random
) -> dict[str, Any]:
    answered = began + rng.choice((0, 0, 1, 2)) * _DAY
    is_said = answered < today and rng.random() < 0.8
    told = is_said and rng.random() < 0.2
    row: dict[str, Any] = {
        "kind": KIND,
        "student_id": student.id,
        "user_id": person.id,
        "period": began.isoformat(),
        "asked_at": f"{began} 08:30 Europe/London",
        "asked_by_id": keyworker.id,
        "answer_by": rules.closes_on(began, None),
        "reminded_at": f"{began} 08:30 Europe/London",
        "answers": {},
    }
    if is_said:
        row["answered_at"] = f"{answered} 15:45 Europe/London"
        row["answers"] = {"how": ISSUE, "words": rng.choice(TOLD)} if told else {"how": WELL, "words": ""}
    if told and answered < today - 7 * _DAY:
        row |= {"read_at": f"{answered + _DAY} 08:20 Europe/London", "read_by_id": keyworker.id}
    return row
