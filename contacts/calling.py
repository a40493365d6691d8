"""Whom to ring about a student, on which number and when: where the call is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, OuterRef, QuerySet, Subquery, When

from keywork import prepared
from keywork.levels import Level
from keywork.phones import tel
from keywork.sql import any_of
from students.models import FamilyLink

from .models import HomeContact


class Call(NamedTuple):
    """One number of one adult. `best_time` is as the family said it, "" where nobody asked."""

    who: str
    number: str
    best_time: str

    @property
    def href(self) -> str:
        return tel(self.number)


def calls_to(link: FamilyLink) -> list[Call]:
    """The numbers of somebody who may be contacted, the mobile first; the link with its `member`."""
    return [Call(link.label, number, link.best_time) for number in link.member.numbers]


def usual_calls(student_ids: Iterable[int], on: date) -> prepared.Read:
    """For each student the number of the usual person: whom home was last reached through, or who is rung first.

    One query however many. Never somebody who may not be contacted that day; students without a number are left out.
    """
    return prepared.Read(_usual, list(student_ids), on, then=_firsts)


def _firsts(links: list[Any]) -> Mapping[int, Call]:
    return {link.student_id: calls_to(link)[0] for link in links}


def _usual(ids: Any, on: date) -> QuerySet:
    links = FamilyLink.objects.for_keywork(on).filter(any_of("student", ids)).select_related("member")
    links = links.exclude(member__mobile="", member__phone="").only(
        "student",
        "relationship",
        "best_time",
        *(f"member__{name}" for name in ("forename", "surname", "mobile", "phone")),
    )
    # The latest contact with somebody of the family that everybody may know of.
    logged = HomeContact.objects.filter(
        student=OuterRef("student"), voided_on__isnull=True, level=Level.GENERAL, member__isnull=False
    )
    last = Subquery(logged.order_by("-happened_on", "-pk").values("member")[:1])
    is_last = Case(When(member=last, then=0), default=1)
    return links.order_by("student_id", is_last, "priority", "pk").distinct("student_id")
