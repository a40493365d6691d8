"""Whom at home a student may let see something: chosen by name, or nobody (consent goes no further than its words)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from keywork.names import ended
from keywork.words import filled

from .models import FamilyLink, FamilyMember, Student


@dataclass(frozen=True, slots=True)
class AtHome:
    """One adult of the family as the student chooses them."""

    member_id: int
    name: str  # "Mum, Magda"
    lives_with: bool
    usual: bool  # of the household the student lives with: ticked until the student says otherwise

    @property
    def words(self) -> str:
        return filled("{name} I live with them", name=ended(self.name)) if self.lives_with else self.name


def people_at_home(student: Student, today: date) -> list[AtHome]:
    """In the family's own order; nobody whose link has ended or who is under a court restriction. One query.

    Usual are those the student lives with, of one household: the first of them by priority. A household nobody
    has written down is a household of one.
    """
    links = list(
        FamilyLink.objects.filter(student=student, ended_on__isnull=True)
        .unrestricted(today)
        .select_related("member")
        .order_by("priority", "pk")
    )
    first = next((link for link in links if link.lives_with), None)

    def is_usual(link: FamilyLink) -> bool:
        if first is None or not link.lives_with:
            return False
        return link == first or bool(first.household and link.household == first.household)

    return [AtHome(link.member_id, _name(link), link.lives_with, is_usual(link)) for link in links]


def _name(link: FamilyLink) -> str:
    said = link.relationship.strip()
    first = link.member.forename or link.member.surname
    return f"{said[:1].upper()}{said[1:]}, {first}" if said else first


def usual(people: Iterable[AtHome]) -> list[int]:
    return [one.member_id for one in people if one.usual]


def chosen(people: Sequence[AtHome], member_ids: Iterable[object]) -> list[int]:
    """The ids among `people`, as numbers, in their order; any other is nobody's to choose."""
    wanted = {str(one) for one in member_ids}
    return [one.member_id for one in people if str(one.member_id) in wanted]


def names_of(member_ids: Sequence[int]) -> list[str]:
    if not member_ids:
        return []
    return [member.name for member in FamilyMember.objects.filter(pk__in=list(member_ids))]
