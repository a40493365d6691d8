"""Who is on roll, who has left and who is about to start."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from stdnum.gb import upn

from students.rules import academic_year

from . import cast, years
from .cast import Child, Ending
from .names import BOYS, GIRLS
from .people import School, Student, pupil_day

_DAY = timedelta(days=1)
LANGUAGES = ("Polish", "Urdu", "Arabic", "Romanian", "Portuguese", "Yoruba", "Welsh", "Bengali")
INTERESTS = (
    "art",
    "cooking",
    "the garden",
    "football",
    "trains",
    "music",
    "climbing",
    "the library",
    "drama",
    "swimming",
    "computing",
    "the farm",
)
NICKNAMES = (
    "Ash",
    "Ari",
    "Bee",
    "Billie",
    "Dee",
    "Frankie",
    "Jay",
    "Lou",
    "Max",
    "Ray",
    "Robin",
    "Rowan",
    "Sky",
)
READ_FIRST = (
    "Text before ringing: home sleeps after night shifts.",
    "Ring after 4 pm; mornings are hard for the whole family.",
    "Wears hearing aids: sit on the left and face the light.",
    "Epilepsy: the care plan is in the house office and with first aid.",
    "Needs a day's notice of any change of room or adult.",
    "E-mail is best: phone calls are hard for home.",
    "Asthma: blue inhaler in the bag, spare in the office.",
)


def enrol(school: School, students: int, years: int, rng: random.Random) -> None:
    """`students` on roll today, one about to start, and those who left since the school went live."""
    here = [*cast.CHILDREN[:students]]
    for child in here:
        school.students.append(_from_cast(school, child, rng))
    for _ in range(students - len(here)):
        school.students.append(_drawn(school, _random_year(rng), rng))
    school.students.append(_from_cast(school, cast.NEWCOMER, rng))
    start = academic_year(school.live_on)
    for year in range(start, start + years + 1):
        ended = [block.ends_on for block in school.calendar.blocks if academic_year(block.ends_on) == year]
        ended = [day for day in ended if school.live_on < day < school.today]
        for _ in range(round(students * 0.12) if ended else 0):
            # Most leave in summer; where the year is still running, a few have already gone.
            if len(ended) < 6 and rng.random() > 0.1 * len(ended):
                continue
            left = ended[-1] if rng.random() < 0.85 else rng.choice(ended)
            school.students.append(_drawn(school, rng.choice((11, 11, 12, 13, 13, 9)), rng, left=left))
    _pair_siblings(school, rng)


def _random_year(rng: random.Random) -> int:
    return rng.choices(range(7, 14), (16, 17, 16, 15, 15, 12, 9))[0]


def _from_cast(school: School, child: Child, rng: random.Random) -> Student:
    made = _student(school, child.forename, child.surname, child.sex, child.year, None, rng, child.years_here)
    made.child, made.ending = child, child.ending
    made.values |= {
        "preferred_forename": child.preferred,
        "pronouns": child.pronouns,
        "placement": child.placement,
        "home_language": child.language or "English",
        "read_first": child.read_first,
        "looked_after": child.looked_after,
        "sen_status": "E",
    }
    ending = child.ending
    today = school.today
    if ending.joined is not None:
        # A first day in school, as near to what the story says as the calendar allows.
        wanted = today - ending.joined * _DAY
        first = next(
            (
                day
                for day in (wanted + n * _DAY for n in range(5))
                if school.calendar.is_pupil_day(day) and day <= today
            ),
            None,
        )
        made.values["joined_on"] = max(first or pupil_day(school.calendar, wanted), school.live_on)
    if child is cast.NEWCOMER:
        made.values["joined_on"] = today + (7 - today.weekday()) * _DAY
    if ending.leaves_in is not None:
        last = today + ending.leaves_in * _DAY
        made.values["left_on"] = last - max(0, last.weekday() - 4) * _DAY
    if ending.hold is not None:
        began, ends = ending.hold
        made.holds.append(
            (today - began * _DAY, today + ends * _DAY, "Asked for by the family after a bereavement.")
        )
    return made


def _drawn(school: School, year: int, rng: random.Random, *, left: date | None = None) -> Student:
    sex = rng.choice("FM")
    forename, surname = school.names.fresh(GIRLS if sex == "F" else BOYS)
    made = _student(school, forename, surname, sex, year, left, rng)
    values = made.values
    values["placement"] = rng.choices(("day", "weekly", "termly", "part"), (70, 15, 10, 5))[0]
    values["sen_status"] = rng.choices(("E", "K", "N"), (80, 18, 2))[0]
    values["home_language"] = rng.choice(LANGUAGES) if rng.random() < 0.1 else "English"
    values["looked_after"] = rng.random() < 0.05
    if rng.random() < 0.15:
        values["read_first"] = rng.choice(READ_FIRST)
    if rng.random() < 0.12:
        values["preferred_forename"] = rng.choice(NICKNAMES)
    if rng.random() < 0.04:
        values["pronouns"] = "They/them"
    return made


def _student(
    school: School,
    forename: str,
    surname: str,
    sex: str,
    year: int,
    left: date | None,
    rng: random.Random,
    years_here: int | None = None,
) -> Student:
    number = len(school.students) + 1
    now = academic_year(left or school.today)
    if years_here is None:
        entered = min(year, rng.choices((7, 8, 9, 10, 11, 12), (56, 12, 12, 10, 4, 6))[0])
        years_here = year - entered
    joined = _first_day(school, now - years_here, rng)
    limit = left or school.today
    if joined >= limit - 12 * _DAY:
        joined = _first_day(school, now - years_here - 1, random.Random(0))
    born = date(now - year - 5, 9, 1) + rng.randrange(365) * _DAY
    body = f"{815}{4000 + number // 900:04d}{(born.year + 5) % 100:02d}{100 + number % 900:03d}"
    values: dict[str, Any] = {
        "id": number,
        "legal_forename": forename,
        "legal_surname": surname,
        "sex": sex,
        "born_on": born,
        "nc_year": str(year),
        "reg_group": f"{year}{'ABC'[number % 3]}",
        "upn": upn.calc_check_digit("0" + body) + body,
        "mis_id": f"A{number:05d}",
        "needs": sorted(
            rng.sample(
                ("communication_interaction", "cognition_learning", "semh", "sensory_physical"),
                rng.choice((1, 1, 2)),
            )
        ),
        "sen_types": rng.choice((["ASD"], ["SEMH"], ["ASD", "SLCN"], ["MLD"], ["SLCN"], ["HI"], ["SPLD"])),
        "joined_on": joined,
        "left_on": left,
    }
    return Student(number, values, Ending(), rng.choice(INTERESTS))


def _first_day(school: School, year: int, rng: random.Random) -> date:
    """The first day of somebody who joined in an academic year: in September, or one in six later."""
    mine = [block for block in school.calendar.blocks if academic_year(block.starts_on) == year]
    if not mine:
        return years.blocks(year)[0][0] + _DAY
    block = rng.choice(mine) if rng.random() < 0.16 else mine[0]
    day = block.starts_on + (rng.randrange(20) if block is not mine[0] else 1) * _DAY
    while not school.calendar.is_pupil_day(day):
        day += _DAY
    return day


def _pair_siblings(school: School, rng: random.Random) -> None:
    """Children of one surname in the cast, and one family in twenty-five besides."""
    known: dict[str, Student] = {}
    for student in school.students:
        first = known.setdefault(student.surname, student)
        if first is not student:
            student.sibling = first
    alone = [one for one in school.students if one.child is None and one.left is None]
    for older, younger in zip(alone[3::50], alone[9::50], strict=False):
        younger.sibling = older
        younger.values["legal_surname"] = older.surname
