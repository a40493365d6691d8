"""Who is on roll, who has left and who is about to start."""

from __future__ import annotations

import random
from datetime import date

from stdnum.gb import upn

from students.rules import academic_year

from . import cast
from .cast import PEOPLE, Child
from .names import NAMES
from .people import School, Student
from .rows import DAY
from .years import first_day


def enrol(school: School, students: int, many_years: int, rng: random.Random) -> None:
    """`students` on roll today, one about to start, and those who left since the school went live."""
    here = [*cast.CHILDREN[:students]]
    for child in here:
        _from_cast(school, child, rng)
    for _ in range(students - len(here)):
        _drawn(school, rng.choices(range(7, 14), (16, 17, 16, 15, 15, 12, 9))[0], rng)
    _from_cast(school, cast.NEWCOMER, rng)
    start = academic_year(school.live_on)
    for year in range(start, start + many_years + 1):
        ended = [one.ends_on for one in school.calendar.blocks if academic_year(one.ends_on) == year]
        ended = [day for day in ended if school.live_on < day < school.today]
        for _ in range(round(students * 0.12) if ended else 0):
            # Most leave in summer; where the year is still running, a few have already gone.
            if len(ended) == 6 or rng.random() < 0.1 * len(ended):
                left = ended[-1] if rng.random() < 0.85 else rng.choice(ended)
                _drawn(school, rng.choice((11, 11, 12, 13, 13, 9)), rng, left=left)
    _pair_siblings(school)


def _from_cast(school: School, child: Child, rng: random.Random) -> None:
    made = _student(school, child.forename, child.surname, child.sex, child.year, rng, here=child.years_here)
    made.child = child
    made.values |= {
        "preferred_forename": child.preferred, "pronouns": child.pronouns, "placement": child.placement,
        "home_language": child.language or "English", "read_first": child.read_first,
        "looked_after": child.looked_after, "sen_status": "E",
    }  # fmt: skip
    ending, today = child.ending, school.today
    if "joined" in ending:
        # A first day in school, as near to what the story says as the calendar allows.
        wanted = today - ending["joined"] * DAY
        near = [
            day for n in range(5) if school.calendar.is_pupil_day(day := wanted + n * DAY) and day <= today
        ]
        made.values["joined_on"] = max(near[0] if near else school.pupil_day(wanted), school.live_on)
    if child is cast.NEWCOMER:
        made.values["joined_on"] = today + (7 - today.weekday()) * DAY
    if "leaves_in" in ending:
        last = today + ending["leaves_in"] * DAY
        made.values["left_on"] = last - max(0, last.weekday() - 4) * DAY
    if "hold" in ending:
        began, ends = ending["hold"]
        why = "Asked for by the family after a bereavement."
        made.holds.append((today - began * DAY, today + ends * DAY, why))


def _drawn(school: School, year: int, rng: random.Random, *, left: date | None = None) -> None:
    sex = rng.choice("FM")
    forename, surname = school.names.fresh(NAMES["girls" if sex == "F" else "boys"])
    _student(school, forename, surname, sex, year, rng, left=left).values |= {
        "placement": rng.choices(("day", "weekly", "termly", "part"), (70, 15, 10, 5))[0],
        "sen_status": rng.choices(("E", "K", "N"), (80, 18, 2))[0],
        "home_language": rng.choice(PEOPLE["languages"]) if rng.random() < 0.1 else "English",
        "looked_after": rng.random() < 0.05,
        "read_first": rng.choice(PEOPLE["read-first"]) if rng.random() < 0.15 else "",
        "preferred_forename": rng.choice(PEOPLE["nicknames"]) if rng.random() < 0.12 else "",
        "pronouns": "They/them" if rng.random() < 0.04 else "",
    }


def _student(
    school: School, forename: str, surname: str, sex: str, year: int, rng: random.Random, *,
    left: date | None = None, here: int | None = None,
) -> Student:  # fmt: skip
    number = len(school.students) + 1
    limit = left or school.today
    now = academic_year(limit)
    if here is None:
        here = year - min(year, rng.choices((7, 8, 9, 10, 11, 12), (56, 12, 12, 10, 4, 6))[0])
    joined = _first_day(school, now - here, rng)
    if joined >= limit - 12 * DAY:
        joined = _first_day(school, now - here - 1, random.Random(0))
    born = date(now - year - 5, 9, 1) + rng.randrange(365) * DAY
    body = f"{815}{4000 + number // 900:04d}{(born.year + 5) % 100:02d}{100 + number % 900:03d}"
    values = {
        "legal_forename": forename, "legal_surname": surname, "sex": sex, "born_on": born, "nc_year": str(year),
        "reg_group": f"{year}{'ABC'[number % 3]}", "upn": upn.calc_check_digit("0" + body) + body,
        "mis_id": f"A{number:05d}", "needs": sorted(rng.sample(PEOPLE["needs"], rng.choice((1, 1, 2)))),
        "sen_types": rng.choice(PEOPLE["sen-types"]), "joined_on": joined, "left_on": left,
    }  # fmt: skip
    school.students.append(Student(number, values, rng.choice(PEOPLE["interests"])))
    return school.students[-1]


def _first_day(school: School, year: int, rng: random.Random) -> date:
    """The first day of somebody who joined in an academic year: in September, or one in six later."""
    mine = [block for block in school.calendar.blocks if academic_year(block.starts_on) == year]
    if not mine:
        return first_day(year) + DAY
    block = rng.choice(mine) if rng.random() < 0.16 else mine[0]
    day = block.starts_on + (rng.randrange(20) if block is not mine[0] else 1) * DAY
    while not school.calendar.is_pupil_day(day):
        day += DAY
    return day


def _pair_siblings(school: School) -> None:
    """Children of one surname in the cast, and one family in twenty-five besides."""
    known: dict[str, Student] = {}
    for student in school.students:
        first = known.setdefault(student.values["legal_surname"], student)
        student.sibling = first if first is not student else None
    alone = [one for one in school.students if one.child is None and one.left is None]
    for older, younger in zip(alone[3::50], alone[9::50], strict=False):
        younger.sibling = older
        younger.values["legal_surname"] = older.values["legal_surname"]
