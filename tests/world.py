"""The fixed cast. Two of everything: Mina is "mine", Otto is "other"; each has family, and people around them.

Frozen on Monday 23 November 2026, as the examples of the product are. Awkward people matter most: the former
keyworker (ended yesterday), the future one (starts tomorrow), the restricted parent, the inactive head, the
member of staff who is a parent.
"""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

from keywork.actions.school import set_up_school
from keywork.models import Assignment, User
from students.models import FamilyLink, FamilyMember, Student

TODAY = date(2026, 11, 23)
LIVE_ON = date(2024, 9, 2)
PASSWORD = "calm-otter-walks-far"
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
    user = User(
        email=f"{name}@school.example",
        name=name.replace("_", " ").title(),
        roles=roles.split(),
        is_active=active,
        deactivated_at=None if active else "2026-09-01T12:00Z",
    )
    user.set_password(PASSWORD)
    user.save()
    return user


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
    member = FamilyMember.objects.create(
        forename=forename,
        surname=surname,
        user=user,
        email=f"{forename}.{surname}@home.example".lower(),
        mobile="07700900123",
    )
    return FamilyLink.objects.create(
        student=student, member=member, **{"relationship": "mum", "has_pr": "yes", "lives_with": True, **link}
    )


def assign(
    student: Student,
    user: User,
    kind: str = "keyworker",
    start: date = date(2024, 9, 3),
    end: date | None = None,
):
    return Assignment.objects.create(student=student, user=user, kind=kind, starts_on=start, ends_on=end)


def build() -> SimpleNamespace:
    """Everybody, as one namespace: `w.mina`, `w.otto`, `w.users["keyworker"]`, `w.mina_mum`."""
    set_up_school(name="Aldermere School", went_live_on=LIVE_ON)
    users = {name: make_user(name, roles, active=name != "inactive") for name, roles in STAFF.items()}
    users |= {
        name: make_user(name, "family")
        for name in ("parent", "parent_other", "parent_restricted", "parent_former")
    }
    users |= {name: make_user(name, "student") for name in ("student", "student_other")}

    mina = make_student("Mina", "Harcastle", user=users["student"], preferred_forename="Min")
    otto = make_student("Otto", OTHER_SURNAME, user=users["student_other"])
    day = timedelta(days=1)
    assign(mina, users["former"], end=TODAY - day - 60 * day)
    assign(mina, users["keyworker"], start=TODAY - 60 * day, end=None)
    assign(mina, users["former"], "deputy", end=TODAY - day)
    assign(mina, users["deputy"], "deputy", start=TODAY)
    assign(mina, users["mentor"], "mentor")
    assign(mina, users["member"], "core")
    assign(mina, users["former"], "core", end=TODAY - day)
    assign(mina, users["future"], "core", start=TODAY + day)
    assign(mina, users["teacher"], "teacher")
    assign(mina, users["staff_parent"], "core")  # assigned by mistake: still shut out
    assign(otto, users["keyworker_other"])
    assign(otto, users["member"], "core", end=TODAY - day)

    mum = make_family(mina, "Folake", "Harcastle", user=users["parent"])
    make_family(
        mina,
        "Rufus",
        "Harcastle",
        user=users["parent_restricted"],
        relationship="dad",
        lives_with=False,
        court_restriction="Non-molestation order: no contact.",
        restricted_from=date(2025, 1, 1),
    )
    make_family(mina, "Ada", "Quell", user=users["staff_parent"], relationship="aunt")
    make_family(
        mina, "Idris", "Former", user=users["parent_former"], relationship="carer", ended_on=TODAY - day
    )
    other_mum = make_family(otto, "Wanda", OTHER_SURNAME, user=users["parent_other"])
    return SimpleNamespace(
        users=users,
        mina=mina,
        otto=otto,
        mina_mum=mum,
        otto_mum=other_mum,
        today=TODAY,
        **{f"u_{k}": v for k, v in users.items()},
    )
