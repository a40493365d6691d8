"""Who is in the school: staff, students and their families, as plain values with their ids."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from stdnum.gb import upn

from keywork.calendar import SchoolCalendar
from students.rules import academic_year

from . import cast
from .cast import Adult, Child, Ending, Post
from .names import BOYS, GIRLS, MEN, WOMEN, Names, address_part

_DAY = timedelta(days=1)
LANGUAGES = ("Polish", "Urdu", "Arabic", "Romanian", "Portuguese", "Yoruba", "Welsh", "Bengali")
INTERESTS = ("art", "cooking", "the garden", "football", "trains", "music", "climbing", "the library", "drama", "swimming", "computing", "the farm")
READ_FIRST = (
    "Text before ringing: home sleeps after night shifts.",
    "Ring after 4 pm; mornings are hard for the whole family.",
    "Wears hearing aids: sit on the left and face the light.",
    "Epilepsy: the care plan is in the house office and with first aid.",
    "Needs a day's notice of any change of room or adult.",
    "E-mail is best: phone calls are hard for home.",
    "Asthma: blue inhaler in the bag, spare in the office.",
)


@dataclass(slots=True, eq=False)
class Staff:
    """One member of staff; the last four fields are how they keep in touch with families."""

    id: int
    post: Post
    email: str
    active: bool = True
    left_on: date | None = None
    punctual: float = 0.93
    tries: float = 0.15
    writes: str = "phone"
    prompt: float = 0.9

    @property
    def name(self) -> str:
        return self.post.name

    @property
    def first(self) -> str:
        return self.post.name.split(" ")[0]


@dataclass(slots=True, eq=False)
class Link:
    """An adult of a student: who, and the fields of students.FamilyLink."""

    member_id: int
    name: str
    values: dict[str, Any]
    worker_id: int | None = None  # when they work here

    @property
    def first(self) -> str:
        return self.name.split(" ")[0]

    @property
    def label(self) -> str:
        return f"{self.name} ({self.values['relationship']})"

    @property
    def open_to_keywork(self) -> bool:
        return bool(self.values.get("may_receive_keywork_contact", True)) and "restricted_from" not in self.values


@dataclass(slots=True, eq=False)
class Student:
    """One student: `values` are the fields of students.Student, `posts` who stood by them and when."""

    id: int
    values: dict[str, Any]
    ending: Ending
    interest: str
    child: Child | None = None
    links: list[Link] = field(default_factory=list)
    absences: list[tuple[date, date, str]] = field(default_factory=list)
    holds: list[tuple[date, date, str]] = field(default_factory=list)
    posts: list[tuple[str, Staff, date, date | None]] = field(default_factory=list)
    sibling: Student | None = None

    @property
    def known_as(self) -> str:
        return self.values.get("preferred_forename") or self.values["legal_forename"]

    @property
    def surname(self) -> str:
        return self.values["legal_surname"]

    @property
    def joined(self) -> date:
        return self.values["joined_on"]

    @property
    def left(self) -> date | None:
        return self.values.get("left_on")

    @property
    def year(self) -> int:
        return int(self.values["nc_year"])


@dataclass(slots=True)
class School:
    """Everybody. `members` are the fields of students.FamilyMember, `accounts` those of keywork.User."""

    today: date
    live_on: date
    calendar: SchoolCalendar
    names: Names
    staff: list[Staff] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[dict[str, Any]] = field(default_factory=list)

    def holding(self, role: str) -> Staff:
        return next(one for one in self.staff if role in one.post.roles.split())

    def working_as(self, job: str, *, active: bool = True) -> list[Staff]:
        return [one for one in self.staff if one.post.job.startswith(job) and one.active is active]

    def here(self) -> list[Student]:
        return [one for one in self.students if one.joined <= self.today and (one.left is None or one.left >= self.today)]


def pupil_day(calendar: SchoolCalendar, day: date) -> date:
    """The pupil day on or before a day; the day itself where the calendar knows none."""
    return calendar.last_pupil_day_on_or_before(day) or day


# Staff


def staff_needed(students: int) -> dict[str, int]:
    """How many of each a school of this size employs; 24 for 60 students."""
    return {
        "office": len(cast.OFFICE),
        "keyworkers": -(-students // 5) + 1,
        "mentors": max(1, round(students / 40)),
        "teachers": max(1, students // 60),
    }


def hire(school: School, students: int, total: int | None, rng: random.Random) -> None:
    """Staff for so many students; those beyond what is needed teach. Former staff come last, inactive."""
    needed = staff_needed(students)
    if total is not None:
        needed["teachers"] += max(0, total - sum(needed.values()))
    posts = [
        *cast.OFFICE,
        *_filled(cast.KEYWORKERS, needed["keyworkers"], "Keyworker", school.names),
        *_filled(cast.MENTORS, needed["mentors"], "Academic mentor", school.names),
        *_filled(cast.TEACHERS, needed["teachers"], "Teacher", school.names),
    ]
    former = _filled(cast.LEAVERS, max(1, needed["keyworkers"] // 8), "Keyworker", school.names)
    ids = count(1)
    for post in (*posts, *former):
        email = f"{post.sign_in or address_part(post.name)}@{cast.DOMAIN}"
        school.staff.append(
            Staff(
                next(ids), post, email,
                punctual=rng.choice((0.96, 0.95, 0.94, 0.93, 0.9, 0.82)),
                tries=rng.uniform(0.06, 0.24),
                writes=rng.choice(("phone", "phone", "phone", "text", "email")),
                prompt=rng.uniform(0.78, 0.96),
            )
        )
    ends = [block.ends_on for block in school.calendar.blocks if school.live_on < block.ends_on < school.today - 40 * _DAY]
    for place, one in enumerate(school.staff[len(posts) :]):
        one.active = False
        recent = pupil_day(school.calendar, school.today - 14 * _DAY)
        one.left_on = recent if place == 0 or not ends else rng.choice(ends)


def _filled(known: tuple[Post, ...], wanted: int, job: str, names: Names) -> list[Post]:
    found = list(known[:wanted])
    while len(found) < wanted:
        forename, surname = names.fresh(WOMEN + MEN)
        found.append(Post(f"{forename} {surname}", job))
    return found


# Students


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
        first = next((day for day in (wanted + n * _DAY for n in range(5)) if school.calendar.is_pupil_day(day) and day <= today), None)
        made.values["joined_on"] = max(first or pupil_day(school.calendar, wanted), school.live_on)
    if child is cast.NEWCOMER:
        made.values["joined_on"] = today + (7 - today.weekday()) * _DAY
    if ending.leaves_in is not None:
        made.values["left_on"] = today + ending.leaves_in * _DAY
    if ending.hold is not None:
        began, ends = ending.hold
        made.holds.append((today - began * _DAY, today + ends * _DAY, "Asked for by the family after a bereavement."))
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
        values["preferred_forename"] = forename[:3] if len(forename) > 4 else rng.choice(GIRLS if sex == "F" else BOYS)
    if rng.random() < 0.04:
        values["pronouns"] = "They/them"
    return made


def _student(
    school: School, forename: str, surname: str, sex: str, year: int, left: date | None, rng: random.Random, years_here: int | None = None
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
        "needs": sorted(rng.sample(("communication_interaction", "cognition_learning", "semh", "sensory_physical"), rng.choice((1, 1, 2)))),
        "sen_types": rng.choice((["ASD"], ["SEMH"], ["ASD", "SLCN"], ["MLD"], ["SLCN"], ["HI"], ["SPLD"])),
        "joined_on": joined,
        "left_on": left,
    }
    return Student(number, values, Ending(), rng.choice(INTERESTS))


def _first_day(school: School, year: int, rng: random.Random) -> date:
    """The first day of somebody who joined in an academic year: in September, or one in six later."""
    mine = [block for block in school.calendar.blocks if academic_year(block.starts_on) == year]
    if not mine:
        return date(year, 9, 4)
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


# Families


def settle_families(school: School, rng: random.Random) -> None:
    """Parents and carers of everyone, some apart, some restricted, some with an account of their own."""
    for student in school.students:
        if student.sibling is not None:
            student.links = [Link(one.member_id, one.name, dict(one.values), one.worker_id) for one in student.sibling.links]
            student.values["home_language"] = student.sibling.values["home_language"]
            student.values["looked_after"] = student.sibling.values["looked_after"]
            continue
        adults = student.child.adults if student.child and student.child.adults else _adults_of(school, student, rng)
        for place, adult in enumerate(adults, 1):
            student.links.append(_link(school, student, adult, place, rng))


def _adults_of(school: School, student: Student, rng: random.Random) -> list[Adult]:
    halves = student.surname.split("-")
    mum_surname, dad_surname = halves[0], halves[-1] if rng.random() < 0.6 else student.surname
    language = student.values.get("home_language", "English")
    spoken = {"language": language} if language != "English" else {}
    mum, dad = rng.choice(WOMEN), rng.choice(MEN)
    if student.values.get("looked_after"):
        carer = school.names.fresh(WOMEN + MEN)
        return [
            Adult(" ".join(carer), "foster carer", "", {"has_pr": "no", "lives_with": True, "household": "Foster home"}),
            Adult(f"{mum} {mum_surname}", "mum", "", {"priority": 3, "may_receive_keywork_contact": False, "household": "Mum's house"}),
            Adult(" ".join(school.names.fresh(WOMEN + MEN)), "social worker", "", {"has_pr": "unconfirmed", "priority": 2, "may_receive_reports": True}),
        ]
    apart = rng.random() < 0.3
    first = Adult(f"{mum} {mum_surname}", "mum", "", {**spoken, "lives_with": True, "household": "Mum's house" if apart else ""})
    found = [first]
    restricted = apart and (rng.random() < 0.06 or (student.child is not None and student.child.surname == "Birtwistle-Kaur"))
    if student.child is not None and student.child.surname == "Birtwistle-Kaur":
        restricted = True
    if restricted:
        found.append(
            Adult(
                f"{dad} {dad_surname}", "dad", "",
                {
                    "priority": 2, "household": "Dad's flat", "may_receive_reports": False, "may_receive_keywork_contact": False,
                    "court_restriction": "Non-molestation order: no contact with the family and nothing about the child to be shared.",
                    "restricted_from": school.live_on + 30 * _DAY,
                },
            )
        )
    elif rng.random() < 0.8:
        link = {**spoken, "priority": 2, "lives_with": not apart, "household": "Dad's flat" if apart else ""}
        found.append(Adult(f"{dad} {dad_surname}", "dad", "", link))
    if rng.random() < 0.25:
        grown = Adult(
            f"{rng.choice(WOMEN)} {mum_surname}", rng.choice(("grandmother", "aunt", "older sister")), "",
            {"has_pr": "no", "priority": 3, "emergency": True, "may_receive_reports": False, "may_receive_keywork_contact": False},
        )
        found.append(grown)
    return found


def _link(school: School, student: Student, adult: Adult, place: int, rng: random.Random) -> Link:
    member_id = len(school.members) + 1
    forename, _, surname = adult.name.partition(" ")
    worker = next((one for one in school.staff if one.name == adult.name), None)
    user_id = worker.id if worker else None
    email = f"{address_part(adult.name)}.{member_id}@home.example"
    if adult.sign_in or (worker is None and place == 1 and student.left is None and rng.random() < 0.15):
        email = f"{adult.sign_in}@{cast.DOMAIN}" if adult.sign_in else email
        user_id = open_account(school, adult.name, email, "family")
    school.members.append(
        {
            "id": member_id,
            "forename": forename,
            "surname": surname,
            "email": email if rng.random() < 0.9 or adult.sign_in else "",
            "mobile": f"07700 900{rng.randrange(1000):03d}",
            "phone": f"01632 960{rng.randrange(1000):03d}" if rng.random() < 0.3 else "",
            "address": f"{rng.randrange(1, 99)} {rng.choice(('Alder', 'Heron', 'Mill', 'Orchard', 'Quarry', 'Weir'))} "
            f"{rng.choice(('Lane', 'Rise', 'Terrace', 'Way'))}\nAldermere",
            "user_id": user_id,
        }
    )
    values: dict[str, Any] = {
        "relationship": adult.relationship,
        "has_pr": "yes",
        "priority": place,
        "emergency": place == 1,
        "interpreter": bool(adult.link.get("language")) and rng.random() < 0.5,
        "preferred_channel": rng.choice(("", "", "phone", "text", "email")),
        **adult.link,
    }
    return Link(member_id, adult.name, values, worker.id if worker else None)


def open_account(school: School, name: str, email: str, role: str) -> int:
    """An account for somebody who is not staff; its id."""
    number = len(school.staff) + len(school.accounts) + 1
    school.accounts.append({"id": number, "name": name, "email": email, "roles": [role]})
    return number


def give_students_accounts(school: School, rng: random.Random) -> None:
    """The demo's student, and one in twelve of the older ones."""
    for student in school.students:
        if student.left is not None or student.joined > school.today:
            continue
        sign_in = student.child.sign_in if student.child else ""
        if sign_in or (student.year >= 10 and rng.random() < 0.12):
            name = f"{student.known_as} {student.surname}"
            email = f"{sign_in}@{cast.DOMAIN}" if sign_in else f"{address_part(name)}.{student.id}@students.aldermere.example"
            student.values["user_id"] = open_account(school, name, email, "student")
