"""The people already here, read once in a fixed number of queries, so that matching a row asks nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from keywork import clock
from keywork.models import User
from keywork.names import same_name

from ..finding import names_of
from ..models import EarlierStay, FamilyLink, FamilyMember, Student
from ..stays import Stay

NameKey = tuple[str, str, date]


@dataclass(slots=True)
class People:
    """Indexes of students, adults and links. Students are found by MIS number, UPN, and name with birthday."""

    students: dict[int, Student] = field(default_factory=dict)
    earlier_stays: dict[int, list[Stay]] = field(default_factory=dict)
    by_mis_id: dict[str, Student] = field(default_factory=dict)
    by_upn: dict[str, Student] = field(default_factory=dict)
    by_name: dict[NameKey, list[Student]] = field(default_factory=lambda: defaultdict(list))
    members_by_mis_id: dict[str, FamilyMember] = field(default_factory=dict)
    members_by_name: dict[tuple[str, str], list[FamilyMember]] = field(
        default_factory=lambda: defaultdict(list)
    )
    members_by_email: dict[str, list[FamilyMember]] = field(default_factory=lambda: defaultdict(list))
    links: dict[int, list[FamilyLink]] = field(default_factory=lambda: defaultdict(list))
    links_of_member: dict[int, list[FamilyLink]] = field(default_factory=lambda: defaultdict(list))
    staff_emails: frozenset[str] = frozenset()
    shut_out: frozenset[int] = frozenset()

    def named(self, forename: str, surname: str, born_on: date) -> list[Student]:
        return self.by_name.get((same_name(forename), same_name(surname), born_on), [])

    def not_in(self, seen: Iterable[int]) -> list[Student]:
        """Students on roll today whom a file does not hold: perhaps leavers."""
        today, seen = clock.today(), set(seen)
        return sorted(
            (s for s in self.students.values() if s.pk not in seen | self.shut_out and s.is_on_roll(today)),
            key=lambda s: (s.in_order, s.pk),
        )


def load(by: User | None = None) -> People:
    """Everyone here, in five queries and one more for a person: their own children are shut to them."""
    people = People(earlier_stays=EarlierStay.objects.of())
    for student in Student.objects.order_by("pk").defer("read_first", "photo"):
        people.students[student.pk] = student
        if student.mis_id:
            people.by_mis_id[student.mis_id] = student
        if student.upn:
            people.by_upn[student.upn] = student
        for names in names_of(student):
            people.by_name[(*names, student.born_on)].append(student)
    members: dict[int, FamilyMember] = {}
    for member in FamilyMember.objects.order_by("pk"):
        members[member.pk] = member
        index_member(people, member)
    for link in FamilyLink.objects.order_by("pk").defer("court_restriction"):
        link.member = members[link.member_id]
        people.links[link.student_id].append(link)
        people.links_of_member[link.member_id].append(link)
    people.staff_emails = frozenset(
        email.lower()
        for email, roles in User.objects.values_list("email", "roles")
        if set(roles) - {"family", "student"}
    )
    if by is not None:
        people.shut_out = frozenset(FamilyLink.objects.of_account(by).values_list("student_id", flat=True))
    return people


def name_of(someone: Any) -> tuple[str, str]:
    """An adult's name for comparing, whatever accents, hyphens and apostrophes it was written with."""
    return same_name(someone.forename), same_name(someone.surname)


def index_member(people: People, member: Any) -> None:
    """Put an adult, saved or to be made, where later rows will find them."""
    if member.mis_id:
        people.members_by_mis_id.setdefault(member.mis_id, member)
    people.members_by_name[name_of(member)].append(member)
    if member.email:
        people.members_by_email[member.email.lower()].append(member)
