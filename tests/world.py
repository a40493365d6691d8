"""The fixed cast. Two of everything: Mina is "mine", Otto is "other"; each has family, and people around them.

Frozen on Monday 23 November 2026, as the examples of the product are. Awkward people matter most: the former
keyworker (ended yesterday), the future one (starts tomorrow), the restricted parent, the inactive head, the
member of staff who is a parent.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from django.contrib.auth.hashers import make_password

from keywork.actions.school import set_up_school
from keywork.models import Assignment, User
from students.models import FamilyLink, FamilyMember, Student
from tests.kept import Kept

TODAY = date(2026, 11, 23)
LIVE_ON = date(2024, 9, 2)
PASSWORD = "calm-otter-walks-far"
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OTHER_SURNAME = "Zzyzx-Sentinel"  # must never reach someone who may not see Otto

STAFF = {
    "keyworker": "staff",
    "keyworker_other": "staff",
    "former": "staff",
    "future": "staff",
    "deputy": "staff",
    "mentor": "staff",
    "member": "staff",
    "teacher": "staff",
    "house_leader": "staff house_leader",
    "staff_parent": "staff family",
    "head": "staff head",
    "coordinator": "staff coordinator",
    "dsl": "staff dsl",
    "senco": "staff senco",
    "slt": "staff slt",
    "admin": "staff admin",
    "inactive": "staff head",
    "nobody": "",
}


def make_user(name: str, roles: str, *, active: bool = True) -> User:
    user = _user(name, roles, make_password(PASSWORD), active=active)
    user.save()
    return user


def _user(name: str, roles: str, password: str, *, active: bool = True) -> User:
    return User(
        email=f"{name}@school.example",
        name=name.replace("_", " ").title(),
        roles=roles.split(),
        password=password,
        is_active=active,
        deactivated_at=None if active else datetime(2026, 9, 1, 12, tzinfo=UTC),
    )


def make_student(forename: str, surname: str, **fields) -> Student:
    student = Student.objects.create(
        legal_forename=forename,
        legal_surname=surname,
        **{
            "born_on": date(2013, 5, 17),
            "nc_year": "9",
            "joined_on": date(2024, 9, 3),
            "sen_status": "E",
            **fields,
        },
    )
    student.refresh_from_db()
    return student


def make_family(
    student: Student, forename: str, surname: str, *, user: User | None = None, **link
) -> FamilyLink:
    made = _family(student, forename, surname, user=user, **link)
    made.member.save()
    made.save()
    return made


def _family(student: Student, forename: str, surname: str, *, user: User | None = None, **link) -> FamilyLink:
    member = FamilyMember(
        forename=forename,
        surname=surname,
        user=user,
        email=f"{forename}.{surname}@home.example".lower(),
        mobile="07700900123",
    )
    return FamilyLink(
        student=student, member=member, **{"relationship": "mum", "has_pr": "yes", "lives_with": True, **link}
    )


def assign(
    student: Student,
    user: User,
    kind: str = "keyworker",
    start: date = date(2024, 9, 3),
    end: date | None = None,
):
    made = _post(student, user, kind, start, end)
    made.save()
    return made


def _post(
    student: Student,
    user: User,
    kind: str = "keyworker",
    start: date = date(2024, 9, 3),
    end: date | None = None,
) -> Assignment:
    return Assignment(student=student, user=user, kind=kind, starts_on=start, ends_on=end)


def _users() -> dict[str, User]:
    roles = STAFF | dict.fromkeys(("parent", "parent_other", "parent_restricted", "parent_former"), "family")
    roles |= dict.fromkeys(("student", "student_other"), "student")
    password = make_password(PASSWORD)
    made = User.objects.bulk_create(
        _user(name, role, password, active=name != "inactive") for name, role in roles.items()
    )
    return dict(zip(roles, made, strict=True))


def _posts(mina: Student, otto: Student, users: dict[str, User]) -> None:
    day = timedelta(days=1)
    Assignment.objects.bulk_create(
        [
            _post(mina, users["former"], end=TODAY - day - 60 * day),
            _post(mina, users["keyworker"], start=TODAY - 60 * day, end=None),
            _post(mina, users["former"], "deputy", end=TODAY - day),
            _post(mina, users["deputy"], "deputy", start=TODAY),
            _post(mina, users["mentor"], "mentor"),
            _post(mina, users["member"], "core"),
            _post(mina, users["former"], "core", end=TODAY - day),
            _post(mina, users["future"], "core", start=TODAY + day),
            _post(mina, users["teacher"], "teacher"),
            _post(mina, users["house_leader"], "house"),
            _post(mina, users["staff_parent"], "core"),  # assigned by mistake: still shut out
            _post(otto, users["keyworker_other"]),
            _post(otto, users["member"], "core", end=TODAY - day),
        ]
    )


def _families(mina: Student, otto: Student, users: dict[str, User]) -> list[FamilyLink]:
    links = [
        _family(mina, "Folake", "Harcastle", user=users["parent"]),
        _family(
            mina,
            "Rufus",
            "Harcastle",
            user=users["parent_restricted"],
            relationship="dad",
            lives_with=False,
            court_restriction="Non-molestation order: no contact.",
            restricted_from=date(2025, 1, 1),
        ),
        _family(mina, "Ada", "Quell", user=users["staff_parent"], relationship="aunt"),
        _family(
            mina,
            "Idris",
            "Former",
            user=users["parent_former"],
            relationship="carer",
            ended_on=TODAY - timedelta(days=1),
        ),
        _family(otto, "Wanda", OTHER_SURNAME, user=users["parent_other"]),
    ]
    FamilyMember.objects.bulk_create(link.member for link in links)
    return FamilyLink.objects.bulk_create(links)


def build() -> SimpleNamespace:
    """Everybody, as one namespace: `w.mina`, `w.otto`, `w.users["keyworker"]`, `w.mina_mum`.

    Nearly every test begins here, so people are written by the dozen.
    """
    set_up_school(name="Aldermere School", went_live_on=LIVE_ON)
    users = _users()
    mina = make_student("Mina", "Harcastle", user=users["student"], preferred_forename="Min")
    otto = make_student("Otto", OTHER_SURNAME, user=users["student_other"])
    _posts(mina, otto, users)
    mum, _, _, _, other_mum = _families(mina, otto, users)
    return SimpleNamespace(
        users=users,
        mina=mina,
        otto=otto,
        mina_mum=mum,
        otto_mum=other_mum,
        today=TODAY,
        **{f"u_{k}": v for k, v in users.items()},
    )


KEPT = Kept(build)
