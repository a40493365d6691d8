"""C15: households with parental responsibility that no contact that counts has reached for 42 days.

One household is enough for the clock, so the other parent of separated ones can be forgotten while every
duty is in time; this list is where that shows. A handful of queries however many students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from keywork.access import Can
from keywork.school import SchoolFacts
from students.models import FamilyLink, Student

from . import facts
from .home_contact import HomeFacts, start_of
from .misses import HOUSEHOLD_NOT_REACHED_DAYS, household_not_reached

HOME = "Home"  # where the student lives, when nobody has named the household


@dataclass(slots=True)
class Household:
    """One household of one student. `last_on` is None where nobody there was ever reached."""

    student: Student
    label: str
    people: list[FamilyLink]  # whom a keyworker may contact about the student today
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
    children = visible.only("known_as", "surname", "nc_year", "in_order", "joined_on", "known_from").in_bulk()
    policy = school.policy(as_of)
    homes = _homes(children, as_of, school)
    recent_from = as_of - timedelta(days=HOUSEHOLD_NOT_REACHED_DAYS - 1)
    _reach(homes, facts.last_reached(_pairs(homes), recent_from, as_of, policy))
    quiet = [home for home in homes if household_not_reached(home.last_on, home.since, as_of)]
    _reach(quiet, facts.last_reached(_pairs(quiet), None, as_of, policy))
    held = facts.holds(sorted({home.student.pk for home in quiet}), as_of, None).now()
    for home in quiet:
        spans = held.get(home.student.pk, ())
        home.held_until = max((last for first, last in spans if first <= as_of <= last), default=None)
    quiet.sort(key=lambda home: (home.quiet_since, home.student.in_order, home.label))
    return Unreached(quiet, len(children) - len({home.student.pk for home in homes}))


def _homes(children: Mapping[int, Student], as_of: date, school: SchoolFacts) -> list[Household]:
    links = (
        FamilyLink.objects.for_keywork(as_of)
        .filter(student__in=list(children))
        .select_related("member")
        .only(
            "student",
            "household",
            "lives_with",
            "relationship",
            "has_pr",
            "member__forename",
            "member__surname",
        )
        .order_by("student_id", "priority", "pk")
    )
    homes: dict[tuple[int, str], Household] = {}
    for link in links:
        named = link.household.strip()
        key = named.casefold() or (HOME if link.lives_with else f"#{link.pk}")
        home = homes.get((link.student_id, key))
        if home is None:
            child = children[link.student_id]
            label = named or (HOME if link.lives_with else "Lives elsewhere")
            since, _ = start_of(HomeFacts(child.joined_on, known_from=child.known_from), as_of, school)
            home = homes[link.student_id, key] = Household(child, label, [], since)
        home.people.append(link)
    holds = FamilyLink.Responsibility.YES
    return [home for home in homes.values() if any(link.has_pr == holds for link in home.people)]


def _pairs(homes: Sequence[Household]) -> list[tuple[int, int]]:
    return [(home.student.pk, person.member_id) for home in homes for person in home.people]


def _reach(homes: Sequence[Household], reached: Mapping[tuple[int, int], date]) -> None:
    for home in homes:
        days = [reached.get((home.student.pk, person.member_id)) for person in home.people]
        home.last_on = max((day for day in days if day is not None), default=None)
