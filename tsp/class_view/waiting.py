"""What waits for one colleague: goals to check as the second adult, and views they were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from enquiries.models import Enquiry
from keywork import clock, prepared
from keywork.access import Can, of_these
from keywork.sql import any_of

from ..models import GasScale

if TYPE_CHECKING:
    from keywork.models import User


def goals_to_check(user: User, student_ids: Iterable[int]) -> int:
    """How many goals of these students wait for this person, who did not write them."""
    checks = of_these(user, Can.CHECK_GOALS, student_ids)
    if not checks:
        return 0
    return len(prepared.rows(_to_check, user.pk, checks))


def _to_check(user_id: int, students: Any) -> QuerySet:
    mine = GasScale.objects.asked().with_mine(SimpleNamespace(pk=user_id))
    return mine.filter(any_of("goal__student_id", students), mine=False).order_by().values_list("pk")


def asked_of(user: User) -> list[date]:
    """By when their view was asked for, of each student they may still say something about; the first first."""
    rows = prepared.rows(_asked, user.pk, clock.today())
    theirs = of_these(user, Can.ADD_INPUT, [student_id for student_id, _ in rows])
    return [by for student_id, by in rows if student_id in theirs]


def _asked(user_id: int, on: date) -> QuerySet:
    waiting = Enquiry.objects.waiting(on).filter(user_id=user_id).order_by("answer_by")
    return waiting.values_list("student_id", "answer_by")
