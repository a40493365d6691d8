"""Mentoring slots of every academic mentor, and who covers the next long holiday for some of their students."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from contacts.holidays import to_share_out, weeks_of
from keywork.policy import Policy

from .people import School

Row = dict[str, Any]
_DAY = timedelta(days=1)
WEEKS_BACK, WEEKS_AHEAD = 5, 1
FOCUSES = (
    "Homework in maths",
    "Reading together",
    "Planning the week",
    "A piece of coursework",
    "How lessons go",
    "",
)
NOTES = ("Worked well for most of it.", "Tired, but stayed.", "Finished the piece.", "")
PLACES = ("Library", "Academic Support Centre", "Room 4")
TIMES = ("09:10", "10:40", "12:20", "14:00")


def slots_of(school: School, assignments: Sequence[Row], rng: random.Random) -> Iterator[Row]:
    """One slot a week for some students with a mentor, on the same day each week; nobody is in two places."""
    monday = school.today - timedelta(days=school.today.weekday())
    taken: set[tuple[int, int, str]] = set()
    for post in _mentors(assignments, school):
        weekday, at, where, minutes = (
            rng.randrange(5),
            rng.choice(TIMES),
            rng.choice(PLACES),
            rng.choice((20, 20, 60)),
        )
        if rng.random() < 0.5 or (post["user_id"], weekday, at) in taken:
            continue
        taken.add((post["user_id"], weekday, at))
        for week in range(-WEEKS_BACK, WEEKS_AHEAD + 1):
            on = monday + timedelta(days=7 * week + weekday)
            if on < max(post["starts_on"], school.live_on) or not school.calendar.is_pupil_day(on):
                continue
            is_past = on < school.today
            status = rng.choices(("attended", "no_show", "cancelled"), (8, 1, 1))[0] if is_past else "planned"
            yield {
                "student_id": post["student_id"],
                "mentor_id": post["user_id"],
                "kind": "slot",
                "moved_from_id": None,
                "on": on,
                "at": at,
                "minutes": minutes,
                "where": where,
                "focus": rng.choice(FOCUSES),
                "note": rng.choice(NOTES) if status == "attended" else "",
                "status": status,
                "planned_by_id": post["user_id"],
                "planned_at": f"{max(post['starts_on'], min(on - 7 * _DAY, school.today))} 08:00 Europe/London",
                "marked_by_id": post["user_id"] if is_past else None,
                "marked_at": f"{on} 15:40 Europe/London" if is_past else None,
            }


def cover_of(school: School, assignments: Sequence[Row], rng: random.Random) -> Iterator[Row]:
    """Half of the pairs have shared the next long holiday out, if it is near."""
    closure = to_share_out(school.today, Policy(), school.calendar)
    if closure is None:
        return
    keyworker = {post["student_id"]: post["user_id"] for post in _current(assignments, school, "keyworker")}
    for post in _mentors(assignments, school):
        if post["student_id"] not in keyworker or rng.random() < 0.5:
            continue
        for number, (first, last) in enumerate(weeks_of(closure)):
            covers = keyworker[post["student_id"]] if number % 2 == 0 else post["user_id"]
            yield {
                "student_id": post["student_id"],
                "starts_on": first,
                "ends_on": last,
                "covered_by_id": covers,
                "entered_by_id": covers,
                "entered_at": f"{school.today - _DAY} 16:00 Europe/London",
            }


def _mentors(assignments: Sequence[Row], school: School) -> list[Row]:
    return _current(assignments, school, "mentor")


def _current(assignments: Sequence[Row], school: School, kind: str) -> list[Row]:
    return [
        post
        for post in assignments
        if post["kind"] == kind and not post.get("ends_on") and post["starts_on"] <= school.today
    ]
