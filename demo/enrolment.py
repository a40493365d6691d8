"""Who works here, who is on roll, has left or is about to start, and who is at home with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from random import Random
from typing import Any

from stdnum.gb import upn

from keywork.models import User
from students.models import FamilyLink, FamilyMember
from students.models import Student as StudentRow
from students.rules import academic_year

from . import cast
from .cast import PEOPLE
from .people import Link, School, Staff, Student
from .rows import DAY, Row, at, working_day
from .words import NAMES, address_part
from .years import first_day


def staff_needed(students: int) -> dict[str, int]:
    """How many of each a school of this size employs; 24 for 60 students."""
    return {
        "office": len(cast.STAFF["office"]),
        "keyworkers": -(-students // 5) + 1,
        "mentors": max(1, round(students / 40)),
        "teachers": max(1, students // 60),
    }


def hire(school: School, students: int, total: int | None) -> None:
    """Staff for so many students; those beyond what is needed teach. Former staff come last, inactive."""
    rng, needed = school.dice("staff"), staff_needed(students)
    needed["teachers"] += max(0, (total or 0) - sum(needed.values()))
    needed["leavers"] = max(1, needed["keyworkers"] // 8)
    limit = school.today - 40 * DAY
    ends = [one.ends_on for one in school.calendar.blocks if school.live_on < one.ends_on < limit]
    for kind, wanted in needed.items():
        known = cast.STAFF[kind]
        job = known[0]["job"].split(" of ")[0].split(",")[0]
        for place in range(wanted):
            drawn = known[place] if place < len(known) else None
            post = drawn or {"name": " ".join(school.names.fresh("women", "men")), "job": job}
            punctual, prompt = rng.choice((0.96, 0.95, 0.94, 0.93, 0.9, 0.82)), rng.uniform(0.78, 0.96)
            one = Staff(len(school.staff) + 1, **post, punctual=punctual, prompt=prompt)
            school.staff.append(one)
            if kind == "leavers":
                one.left_on = school.pupil_day(school.today - 14 * DAY)
                one.left_on = rng.choice(ends) if place and ends else one.left_on
            school.rows.add(
                User, name=one.name, email=f"{one.sign_in or address_part(one.name)}@{cast.DOMAIN}", job_title=one.job,
                roles=one.roles.split(), phone=_phone(rng), is_active=one.left_on is None,
                reach_note=one.reach or rng.choice(PEOPLE["reach-notes"]),
                deactivated_at=at(one.left_on, "17:00") if one.left_on else None,
            )  # fmt: skip


def enrol(school: School, students: int, many_years: int) -> None:
    """`students` on roll today, one about to start, and those who left since the school went live; with their families."""
    rng = school.dice("students")
    for child in cast.CHILDREN[:students]:
        _student(school, rng, child["values"], child)
    for _ in range(students - len(cast.CHILDREN)):
        _student(school, rng, _drawn(school, rng, rng.choices(range(7, 14), (16, 17, 16, 15, 15, 12, 9))[0]))
    _student(school, rng, cast.NEWCOMER["values"], cast.NEWCOMER)
    start = academic_year(school.live_on)
    for year in range(start, start + many_years + 1):
        ended = [one.ends_on for one in school.calendar.blocks if academic_year(one.ends_on) == year]
        ended = [day for day in ended if school.live_on < day < school.today]
        for _ in range(round(students * 0.12) if ended else 0):
            # Most leave in summer; where the year is still running, a few have already gone.
            if len(ended) == 6 or rng.random() < 0.1 * len(ended):
                left = ended[-1] if rng.random() < 0.85 else rng.choice(ended)
                _student(school, rng, _drawn(school, rng, rng.choice((11, 11, 12, 13, 13, 9))), left=left)
    _pair_siblings(school)
    _settle_families(school)


def _drawn(school: School, rng: Random, year: int) -> Row:
    sex = rng.choice("FM")
    forename, surname = school.names.fresh("girls" if sex == "F" else "boys")
    return {
        "legal_forename": forename, "legal_surname": surname, "sex": sex, "nc_year": str(year),
        "placement": rng.choices(("day", "weekly", "termly", "part"), (70, 15, 10, 5))[0],
        "sen_status": rng.choices(("E", "K", "N"), (80, 18, 2))[0],
        "home_language": rng.choice(PEOPLE["languages"]) if rng.random() < 0.1 else "English",
        "looked_after": rng.random() < 0.05,
        "read_first": rng.choice(PEOPLE["read-first"]) if rng.random() < 0.15 else "",
        "preferred_forename": rng.choice(PEOPLE["nicknames"]) if rng.random() < 0.12 else "",
        "pronouns": "They/them" if rng.random() < 0.04 else "",
    }  # fmt: skip


def _student(
    school: School, rng: Random, values: Row, child: Mapping[str, Any] | None = None, left: date | None = None
) -> None:
    child, number, today, year = child or {}, len(school.students) + 1, school.today, int(values["nc_year"])
    ending: Mapping[str, Any] = child.get("ending", {})
    limit = left or today
    here = child.get(
        "years_here", year - min(year, rng.choices((7, 8, 9, 10, 11, 12), (56, 12, 12, 10, 4, 6))[0])
    )
    joined = _first_day(school, academic_year(limit) - here, rng)
    if joined >= limit - 12 * DAY:
        joined = _first_day(school, academic_year(limit) - here - 1, Random(0))
    if "joined" in ending:
        # A first day in school, as near to what the story says as the calendar allows.
        wanted = today - ending["joined"] * DAY
        near = (
            day for n in range(5) if (day := wanted + n * DAY) <= today and school.calendar.is_pupil_day(day)
        )
        joined = max(next(near, school.pupil_day(wanted)), school.live_on)
    if child is cast.NEWCOMER:
        joined = today + (7 - today.weekday()) * DAY
    if "leaves_in" in ending:
        left = working_day(today + ending["leaves_in"] * DAY)
    born = date(academic_year(limit) - year - 5, 9, 1) + child.get("birthday", rng.randrange(365)) * DAY
    body = f"{815}{4000 + number // 900:04d}{(born.year + 5) % 100:02d}{100 + number % 900:03d}"
    facts = {
        "born_on": born, "reg_group": f"{year}{'ABC'[number % 3]}", "upn": upn.calc_check_digit("0" + body) + body,
        "mis_id": f"A{number:05d}", "needs": sorted(rng.sample(PEOPLE["needs"], rng.choice((1, 1, 2)))),
        "sen_types": rng.choice(PEOPLE["sen-types"]), "joined_on": joined, "left_on": left,
    }  # fmt: skip
    usual = {"placement": "day", "home_language": "English", "looked_after": False, "sen_status": "E"}
    school.students.append(
        Student(school, number, usual | values | facts, rng.choice(PEOPLE["interests"]), child)
    )


def _first_day(school: School, year: int, rng: Random) -> date:
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
    alone = [one for one in school.students if not one.child and one.left is None]
    for older, younger in zip(alone[3::50], alone[9::50], strict=False):
        younger.sibling = older
        younger.values["legal_surname"] = older.values["legal_surname"]


def _settle_families(school: School) -> None:
    """Some apart, some restricted, some with an account of their own; then the rows of all students."""
    rng = school.dice("families")
    for student in school.students:
        if student.sibling is not None:
            student.links = student.sibling.links
            student.values |= {
                name: student.sibling.values[name] for name in ("home_language", "looked_after")
            }
            continue
        adults = student.child.get("adults") or _adults_of(school, student, rng)
        student.links = [_link(school, student, adult, place, rng) for place, adult in enumerate(adults, 1)]
    for student in school.students:
        _give_account(school, student, rng)
        _add_facts(school, student, rng)
        school.rows.add(StudentRow, created_at=at(school.live_on, "08:00"), **student.values)
        for link in student.links:
            student.add(FamilyLink, member_id=link.member_id, **link.values)


def _adults_of(school: School, student: Student, rng: Random) -> Iterator[Row]:
    """A family of one of the shapes in the table, each as often as it says."""
    first, _, second = student.values["legal_surname"].partition("-")
    names = {
        "mum": lambda: f"{rng.choice(NAMES['women'])} {first}",
        "dad": lambda: f"{rng.choice(NAMES['men'])} {second or first}",
        "new": lambda: " ".join(school.names.fresh("women", "men")),
    }
    weights, shapes = zip(*PEOPLE["families"]["usual"], strict=True)
    language = student.values["home_language"]
    spoken = {"language": language} if language != "English" else {}
    shape = rng.choices(shapes, weights)[0]
    for adult in PEOPLE["families"]["looked-after"] if student.values["looked_after"] else shape:
        yield {"name": names[adult["of"]](), "link": {**spoken, **adult["link"]}}


def _link(school: School, student: Student, adult: Row, place: int, rng: Random) -> Link:
    """The adult as a row, with an account of their own or that by which they work here."""
    name, sign_in, link = adult["name"], adult.get("sign_in"), adult["link"]
    forename, _, surname = name.partition(" ")
    user_id = next((one.id for one in school.staff if one.name == name), None)
    works_here, number = user_id is not None, len(school.rows.tables[FamilyMember]) + 1
    email = f"{sign_in}@{cast.DOMAIN}" if sign_in else f"{address_part(name)}.{number}@home.example"
    some = not works_here and place == 1 and student.left is None and rng.random() < 0.15
    if sign_in or adult.get("account") or some:
        user_id = school.rows.add(User, name=name, email=email, roles=["family"])["id"]
    member = school.rows.add(
        FamilyMember, forename=forename, surname=surname, user_id=user_id,
        email=email if rng.random() < 0.9 or sign_in else "", mobile=_mobile(rng),
        phone=_phone(rng) if rng.random() < 0.3 else "",
        address=f"{rng.randrange(1, 99)} {rng.choice(PEOPLE['streets'])} {rng.choice(PEOPLE['roads'])}\nAldermere",
    )  # fmt: skip
    values: Row = {
        "has_pr": "yes", "priority": place, "emergency": place == 1,
        "interpreter": "language" in link and rng.random() < 0.5,
        "preferred_channel": rng.choice(("", "", "phone", "text", "email")), **link,
    }  # fmt: skip
    if "court_restriction" in link:
        values["restricted_from"] = school.live_on + 30 * DAY
    return Link(member["id"], name, values, user_id, works_here)


def _give_account(school: School, student: Student, rng: Random) -> None:
    """The demo's student, and one in twelve of the older ones."""
    sign_in = student.child.get("sign_in")
    if student.left is not None or student.joined > school.today:
        return
    if sign_in or (student.year >= 10 and rng.random() < 0.12):
        name = f"{student.known_as} {student.values['legal_surname']}"
        address = f"{address_part(name)}.{student.id}@students.aldermere.example"
        email = f"{sign_in}@{cast.DOMAIN}" if sign_in else address
        student.values["user_id"] = school.rows.add(User, name=name, email=email, roles=["student"])["id"]


def _add_facts(school: School, student: Student, rng: Random) -> None:
    """What a local authority's form asks: who maintains the plan, where they live, who works with them."""
    home, looked_after = student.lives_with(), student.values["looked_after"]
    student.values |= {
        "maintained_by": rng.choice(PEOPLE["authorities"]) if student.values["sen_status"] == "E" else "",
        "pupil_premium": "yes" if looked_after or rng.random() < 0.35 else "no",
        "ethnicity": rng.choice(PEOPLE["ethnicities"]),
        "address": school.rows.tables[FamilyMember][home[0] - 1]["address"] if home else "",
        "phone": _mobile(rng) if student.year > 11 else "",
    }
    if looked_after or rng.random() < 0.1:
        worker = rng.choice(PEOPLE["social-workers"])
        reach = f"{_phone(rng)}, {worker.split()[0].lower()}@aldershire.example"
        student.values |= {"social_worker": worker, "social_worker_reach": reach}


# The ranges that are kept for drama: nobody is ever rung.
def _phone(rng: Random) -> str:
    return f"01632 960{rng.randrange(1000):03d}"


def _mobile(rng: Random) -> str:
    return f"07700 900{rng.randrange(1000):03d}"
