"""C15: households with parental responsibility that no contact that counts has reached for 42 days.

One household is enough for the clock, so the other parent of separated ones can be forgotten while every
duty is in time; this list is where that shows. A handful of queries however many students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from keywork.access import Can
from keywork.calendar import Span
from keywork.names import in_order
from keywork.school import SchoolFacts
from students.filters import year_label
from students.models import FamilyLink, Student

from . import facts
from .home_contact import HomeFacts, start_of
from .misses import HOUSEHOLD_NOT_REACHED_DAYS, household_not_reached

HOME = "Home"  # where the student lives, when nobody has named the household


class Child(NamedTuple):
    pk: int
    known_as: str
    surname: str
    nc_year: str
    joined_on: date
    known_from: date | None

    @property
    def name(self) -> str:
        return f"{self.known_as} {self.surname}".strip()

    @property
    def year_label(self) -> str:
        return year_label(self.nc_year)


class Person(NamedTuple):
    """An adult whom a keyworker may contact about the student today."""

    member_id: int
    name: str
    relationship: str
    has_pr: bool


@dataclass(slots=True)
class Household:
    """One household of one student. `last_on` is None where nobody there was ever reached."""

    student: Child
    label: str
    people: list[Person]
    since: date
    last_on: date | None = None
    held_until: date | None = None

    @property
    def quiet_since(self) -> date:
        return self.last_on or self.since


@dataclass(frozen=True, slots=True)
class Unreached:
    """The list, longest unreached first, and how many students have nobody on it to be asked about."""

    households: Sequence[Household]
    without_pr: int


def not_reached(user: Any, as_of: date, school: SchoolFacts) -> Unreached:
    """The households of the students on roll whom `user` may oversee.

    Only people whom a keyworker may contact make a household: nobody under a court restriction in force, no
    ended link, nobody the school has marked not to be contacted; at least one of them has parental
    responsibility. People with the same household word belong together; where none is written down, those the
    student lives with do, and everyone else stands alone.
    """
    visible = Student.objects.visible_to(user, Can.VIEW_LOG).on_roll(as_of)
    children = {row[0]: Child(*row) for row in visible.values_list(*Child._fields)}
    policy = school.policy(as_of)
    homes = _homes(children, as_of, school)
    recent_from = as_of - timedelta(days=HOUSEHOLD_NOT_REACHED_DAYS - 1)
    _reach(homes, facts.last_reached(_pairs(homes), recent_from, as_of, policy))
    quiet = [home for home in homes if household_not_reached(home.last_on, home.since, as_of)]
    _reach(quiet, facts.last_reached(_pairs(quiet), None, as_of, policy))
    held = facts.holds(sorted({home.student.pk for home in quiet}), as_of, None).now()
    for home in quiet:
        home.held_until = _held_until(held.get(home.student.pk, ()), as_of)
    quiet.sort(
        key=lambda home: (home.quiet_since, in_order(home.student.surname, home.student.known_as), home.label)
    )
    return Unreached(quiet, len(children) - len({home.student.pk for home in homes}))


def _homes(children: Mapping[int, Child], as_of: date, school: SchoolFacts) -> list[Household]:
    links = (
        FamilyLink.objects.for_keywork(as_of)
        .filter(student__in=list(children))
        .order_by("student_id", "priority", "pk")
        .values_list(
            "pk",
            "student_id",
            "household",
            "lives_with",
            "member_id",
            "member__forename",
            "member__surname",
            "relationship",
            "has_pr",
        )
    )
    homes: dict[tuple[int, str], Household] = {}
    for pk, student_id, word, lives_with, member_id, forename, surname, relationship, has_pr in links:
        person = Person(
            member_id,
            f"{forename} {surname}".strip(),
            relationship,
            has_pr == FamilyLink.Responsibility.YES,
        )
        named = word.strip()
        key = named.casefold() or (HOME if lives_with else f"#{pk}")
        home = homes.get((student_id, key))
        if home is None:
            child = children[student_id]
            label = named or (HOME if lives_with else "Lives elsewhere")
            since, _ = start_of(HomeFacts(child.joined_on, known_from=child.known_from), as_of, school)
            home = homes[student_id, key] = Household(child, label, [], since)
        home.people.append(person)
    return [home for home in homes.values() if any(person.has_pr for person in home.people)]


def _pairs(homes: Sequence[Household]) -> list[tuple[int, int]]:
    return [(home.student.pk, person.member_id) for home in homes for person in home.people]


def _reach(homes: Sequence[Household], reached: Mapping[tuple[int, int], date]) -> None:
    for home in homes:
        days = [reached.get((home.student.pk, person.member_id)) for person in home.people]
        home.last_on = max((day for day in days if day is not None), default=None)


def _held_until(holds: Sequence[Span], as_of: date) -> date | None:
    return max((last for first, last in holds if first <= as_of <= last), default=None)
