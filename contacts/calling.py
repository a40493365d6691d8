"""Whom to ring about a student, on which number and when: where the call is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

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
    return [
        Call(link.label, number, link.best_time)
        for number in (link.member.mobile, link.member.phone)
        if number
    ]


def usual_calls(student_ids: Iterable[int], on: date) -> Mapping[int, Call]:
    """For each student the number of the usual person: whom home was last reached through, or who is rung first.

    Two queries however many. Never somebody who may not be contacted that day; students without a number are left out.
    """
    ids = list(student_ids)
    last = dict(prepared.rows(_last_members, ids))
    found: dict[int, Call] = {}
    links = FamilyLink.objects.for_keywork(on).filter(student__in=ids).select_related("member")
    for link in links.defer("court_restriction").order_by("student_id", "priority", "pk"):
        calls = calls_to(link)
        if calls and (link.student_id not in found or last.get(link.student_id) == link.member_id):
            found[link.student_id] = calls[0]
    return found


def _last_members(ids: Any) -> QuerySet:
    """Student and person of the latest contact with somebody of the family that everybody may know of."""
    logged = HomeContact.objects.filter(
        any_of("student", ids), voided_on__isnull=True, level=Level.GENERAL, member__isnull=False
    )
    newest = logged.order_by("student_id", "-happened_on", "-pk").distinct("student_id")
    return newest.values_list("student_id", "member_id")
