"""Parents and carers of everyone, the accounts of families and students, and what an authority's form asks about both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from keywork.models import User
from students.models import FamilyLink, FamilyMember
from students.models import Student as StudentRow

from . import cast
from .cast import PEOPLE, Adult
from .names import NAMES, address_part
from .people import Link, School, Student
from .rows import DAY

_FAMILIES = PEOPLE["families"]


def settle_families(school: School, rng: random.Random) -> None:
    """Some apart, some restricted, some with an account of their own; then the rows of all students."""
    for student in school.students:
        first, child = student.sibling, student.child
        if first is not None:
            student.links = [
                Link(one.member_id, one.name, dict(one.values), one.worker_id) for one in first.links
            ]
            student.values |= {name: first.values[name] for name in ("home_language", "looked_after")}
        else:
            known = [Adult(**one) for one in child.adults] if child else []
            for place, adult in enumerate(known or [*_adults_of(school, student, rng)], 1):
                student.links.append(_link(school, student, adult, place, rng))
    opened = f"{school.live_on} 08:00 Europe/London"
    for student in school.students:
        _give_account(school, student, rng)
        _add_facts(school, student, rng)
        school.rows.add(StudentRow, **{"left_on": None, "created_at": opened, **student.values})
        for link in student.links:
            school.rows.add(FamilyLink, student_id=student.id, member_id=link.member_id, **link.values)


def _adults_of(school: School, student: Student, rng: random.Random) -> Iterator[Adult]:
    first, _, second = student.values["legal_surname"].partition("-")
    language = student.values["home_language"]
    spoken = {"language": language} if language != "English" else {}
    mum = f"{rng.choice(NAMES['women'])} {first}"
    if student.values.get("looked_after"):
        for name, relationship, link in _FAMILIES["looked-after"]:
            fresh = " ".join(school.names.fresh(NAMES["women"] + NAMES["men"]))
            yield Adult(mum if name else fresh, relationship, "", link)
        return
    apart, is_noah = rng.random() < 0.3, student.child is not None and student.child.forename == "Noah"
    yield Adult(mum, "mum", "", {**spoken, "lives_with": True, "household": "Mum's house" if apart else ""})
    dad = f"{rng.choice(NAMES['men'])} {(second if rng.random() < 0.6 else '') or student.values['legal_surname']}"
    if is_noah or (apart and rng.random() < 0.06):
        yield Adult(dad, "dad", "", {**_FAMILIES["restricted"], "restricted_from": school.live_on + 30 * DAY})
    elif rng.random() < 0.8:
        home = {"lives_with": not apart, "household": "Dad's flat" if apart else ""}
        yield Adult(dad, "dad", "", {**spoken, "priority": 2, **home})
    if rng.random() < 0.25:
        name = f"{rng.choice(NAMES['women'])} {first}"
        yield Adult(name, rng.choice(("grandmother", "aunt", "older sister")), "", _FAMILIES["other"])


def _link(school: School, student: Student, adult: Adult, place: int, rng: random.Random) -> Link:
    forename, _, surname = adult.name.partition(" ")
    worker = next((one for one in school.staff if one.name == adult.name), None)
    user_id = worker.id if worker else None
    number = len(school.rows.tables[FamilyMember]) + 1
    email = (
        f"{adult.sign_in}@{cast.DOMAIN}"
        if adult.sign_in
        else f"{address_part(adult.name)}.{number}@home.example"
    )
    some = worker is None and place == 1 and student.left is None and rng.random() < 0.15
    if adult.sign_in or adult.account or some:
        user_id = school.rows.add(User, name=adult.name, email=email, roles=["family"])["id"]
    member = school.rows.add(
        FamilyMember, forename=forename, surname=surname, user_id=user_id,
        email=email if rng.random() < 0.9 or adult.sign_in else "", mobile=f"07700 900{rng.randrange(1000):03d}",
        phone=f"01632 960{rng.randrange(1000):03d}" if rng.random() < 0.3 else "",
        address=f"{rng.randrange(1, 99)} {rng.choice(PEOPLE['streets'])} {rng.choice(PEOPLE['roads'])}\nAldermere",
    )  # fmt: skip
    values: dict[str, Any] = {
        "relationship": adult.relationship, "has_pr": "yes", "priority": place, "emergency": place == 1,
        "interpreter": bool(adult.link.get("language")) and rng.random() < 0.5,
        "preferred_channel": rng.choice(("", "", "phone", "text", "email")), **adult.link,
    }  # fmt: skip
    return Link(member["id"], adult.name, values, worker.id if worker else None)


def _give_account(school: School, student: Student, rng: random.Random) -> None:
    """The demo's student, and one in twelve of the older ones."""
    if student.left is not None or student.joined > school.today:
        return
    sign_in = student.child.sign_in if student.child else ""
    if sign_in or (student.year >= 10 and rng.random() < 0.12):
        name = f"{student.known_as} {student.values['legal_surname']}"
        address = f"{address_part(name)}.{student.id}@students.aldermere.example"
        email = f"{sign_in}@{cast.DOMAIN}" if sign_in else address
        student.values["user_id"] = school.rows.add(User, name=name, email=email, roles=["student"])["id"]


def _add_facts(school: School, student: Student, rng: random.Random) -> None:
    """What a local authority's form asks: who maintains the plan, where they live, who works with them."""
    home = next((link.member_id for link in student.links if link.values.get("lives_with")), None)
    looked_after = student.values.get("looked_after", False)
    student.values |= {
        "maintained_by": rng.choice(PEOPLE["authorities"]) if student.values["sen_status"] == "E" else "",
        "pupil_premium": "yes" if looked_after or rng.random() < 0.35 else "no",
        "ethnicity": rng.choice(PEOPLE["ethnicities"]),
        "address": school.rows.tables[FamilyMember][home - 1]["address"] if home else "",
        "phone": f"07700 900{rng.randrange(1000):03d}" if student.year > 11 else "",
    }
    if looked_after or rng.random() < 0.1:
        worker = rng.choice(PEOPLE["social-workers"])
        reach = f"01632 960{rng.randrange(1000):03d}, {worker.split()[0].lower()}@aldershire.example"
        student.values |= {"social_worker": worker, "social_worker_reach": reach}
