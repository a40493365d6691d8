"""What a local authority's form asks about a student: who maintains the plan, and how often they were in school."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from students.rules import academic_year

from .history import Row
from .people import School

AUTHORITIES = ("Aldershire", "Aldershire", "Aldershire", "Netherwick")
ETHNICITIES = ("White British",) * 6 + (
    "Black African",
    "Pakistani",
    "White and Asian",
    "Any other ethnic group",
)
WORKERS = ("Bryony Castle", "Femi Adeyinka", "Marek Dudek")
SOURCE = "Register"
WEEKS = 12  # at most, of this school year


def add_facts(school: School, rng: random.Random) -> None:
    """Into the values of each student."""
    addresses = {member["id"]: member.get("address", "") for member in school.members}
    for student in school.students:
        home = next((link for link in student.links if link.values.get("lives_with")), None)
        looked_after = student.values.get("looked_after", False)
        student.values |= {
            "maintained_by": rng.choice(AUTHORITIES) if student.values.get("sen_status") == "E" else "",
            "pupil_premium": "yes" if looked_after or rng.random() < 0.35 else "no",
            "ethnicity": rng.choice(ETHNICITIES),
            "address": addresses.get(home.member_id, "") if home is not None else "",
            "phone": f"07700 900{rng.randrange(1000):03d}" if int(student.values["nc_year"]) > 11 else "",
        }
        if looked_after or rng.random() < 0.1:
            worker = rng.choice(WORKERS)
            student.values |= {
                "social_worker": worker,
                "social_worker_reach": f"01632 960{rng.randrange(1000):03d}, {worker.split()[0].lower()}@aldershire.example",
            }


def _weeks(school: School) -> list[tuple[date, int]]:
    """Of the latest weeks of this school year: the Monday, and how many sessions were possible."""
    year = academic_year(school.today)
    monday = school.today - timedelta(days=school.today.weekday() + 7)
    weeks: list[tuple[date, int]] = []
    while len(weeks) < WEEKS and academic_year(monday) == year:
        days = sum(school.calendar.is_pupil_day(monday + timedelta(days=n)) for n in range(5))
        if days:
            weeks.append((monday, days * 2))
        monday -= timedelta(days=7)
    return weeks


def points_of(school: School, rng: random.Random) -> Iterator[Row]:
    """Points of the same weeks."""
    weeks = _weeks(school)
    for student in school.students:
        good = rng.choice((4, 6, 9))
        for first, possible in weeks:
            last = first + timedelta(days=4)
            if student.joined > first or (student.left and student.left < last):
                continue
            yield {
                "student_id": student.id,
                "starts_on": first,
                "ends_on": last,
                "source": SOURCE,
                "achievement": rng.randint(0, good * possible // 10),
                "behaviour": rng.choice((0, 0, 0, 1, 2)),
                "recorded_at": f"{last} 16:00 Europe/London",
            }


def attendance_of(school: School, rng: random.Random) -> Iterator[Row]:
    """The latest weeks of this school year, of everybody who was on roll for the whole of them."""
    weeks = _weeks(school)
    for student in school.students:
        often = rng.choice((0.97, 0.95, 0.92, 0.85))
        for first, possible in weeks:
            last = first + timedelta(days=4)
            if student.joined > first or (student.left and student.left < last):
                continue
            attended = sum(rng.random() < often for _ in range(possible))
            authorised = rng.randint(0, possible - attended)
            yield {
                "student_id": student.id,
                "starts_on": first,
                "ends_on": last,
                "source": SOURCE,
                "possible": possible,
                "attended": attended,
                "authorised": authorised,
                "unauthorised": possible - attended - authorised,
                "suspended_days": 0.5 if rng.random() < 0.01 and attended < possible else 0,
                "recorded_at": f"{last} 16:00 Europe/London",
            }
