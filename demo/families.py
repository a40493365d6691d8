"""Parents and carers of everyone, and the accounts of families and students."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from . import cast
from .cast import Adult
from .names import MEN, WOMEN, address_part
from .people import Link, School, Student

_DAY = timedelta(days=1)
STREETS = ("Alder", "Heron", "Mill", "Orchard", "Quarry", "Weir")
ROADS = ("Lane", "Rise", "Terrace", "Way")


def settle_families(school: School, rng: random.Random) -> None:
    """Parents and carers of everyone, some apart, some restricted, some with an account of their own."""
    for student in school.students:
        if student.sibling is not None:
            student.links = [
                Link(one.member_id, one.name, dict(one.values), one.worker_id)
                for one in student.sibling.links
            ]
            student.values["home_language"] = student.sibling.values["home_language"]
            student.values["looked_after"] = student.sibling.values["looked_after"]
            continue
        adults = (
            student.child.adults
            if student.child and student.child.adults
            else _adults_of(school, student, rng)
        )
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
            Adult(
                " ".join(carer),
                "foster carer",
                "",
                {"has_pr": "no", "lives_with": True, "household": "Foster home"},
            ),
            Adult(
                f"{mum} {mum_surname}",
                "mum",
                "",
                {"priority": 3, "may_receive_keywork_contact": False, "household": "Mum's house"},
            ),
            Adult(
                " ".join(school.names.fresh(WOMEN + MEN)),
                "social worker",
                "",
                {"has_pr": "unconfirmed", "priority": 2, "may_receive_reports": True},
            ),
        ]
    apart = rng.random() < 0.3
    first = Adult(
        f"{mum} {mum_surname}",
        "mum",
        "",
        {**spoken, "lives_with": True, "household": "Mum's house" if apart else ""},
    )
    found = [first]
    restricted = apart and (
        rng.random() < 0.06 or (student.child is not None and student.child.surname == "Birtwistle-Kaur")
    )
    if student.child is not None and student.child.surname == "Birtwistle-Kaur":
        restricted = True
    if restricted:
        found.append(
            Adult(
                f"{dad} {dad_surname}",
                "dad",
                "",
                {
                    "priority": 2,
                    "household": "Dad's flat",
                    "may_receive_reports": False,
                    "may_receive_keywork_contact": False,
                    "court_restriction": "Non-molestation order: no contact, nothing to be shared.",
                    "restricted_from": school.live_on + 30 * _DAY,
                },
            )
        )
    elif rng.random() < 0.8:
        link = {**spoken, "priority": 2, "lives_with": not apart, "household": "Dad's flat" if apart else ""}
        found.append(Adult(f"{dad} {dad_surname}", "dad", "", link))
    if rng.random() < 0.25:
        grown = Adult(
            f"{rng.choice(WOMEN)} {mum_surname}",
            rng.choice(("grandmother", "aunt", "older sister")),
            "",
            {
                "has_pr": "no",
                "priority": 3,
                "emergency": True,
                "may_receive_reports": False,
                "may_receive_keywork_contact": False,
            },
        )
        found.append(grown)
    return found


def _link(school: School, student: Student, adult: Adult, place: int, rng: random.Random) -> Link:
    member_id = len(school.members) + 1
    forename, _, surname = adult.name.partition(" ")
    worker = next((one for one in school.staff if one.name == adult.name), None)
    user_id = worker.id if worker else None
    email = f"{address_part(adult.name)}.{member_id}@home.example"
    if (
        adult.sign_in
        or adult.account
        or (worker is None and place == 1 and student.left is None and rng.random() < 0.15)
    ):
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
            "address": f"{rng.randrange(1, 99)} {rng.choice(STREETS)} {rng.choice(ROADS)}\nAldermere",
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
            email = (
                f"{sign_in}@{cast.DOMAIN}"
                if sign_in
                else f"{address_part(name)}.{student.id}@students.aldermere.example"
            )
            student.values["user_id"] = open_account(school, name, email, "student")
