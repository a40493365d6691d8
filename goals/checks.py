"""Levels that wait for a second adult."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from keywork import prepared
from keywork.access import Can, of_these
from keywork.sql import any_of
from tsp.models import GasScale

if TYPE_CHECKING:
    from keywork.models import User


def waiting_for(user: Any) -> list[Any]:
    """Ladders that wait and this person may see as a second adult; `mine` are those they wrote. One query."""
    rows = GasScale.objects.visible_to(user, Can.CHECK_GOALS).asked().with_mine(user)
    return list(rows.select_related("goal__student", "written_by").order_by("asked_at", "pk"))


def goals_to_check(user: User, student_ids: Iterable[int]) -> prepared.Read:
    """How many goals of these students wait for this person, who did not write them."""
    return prepared.Read(_to_check, user.pk, of_these(user, Can.CHECK_GOALS, student_ids), then=len)


def _to_check(user_id: int, students: Any) -> QuerySet:
    mine = GasScale.objects.asked().with_mine(SimpleNamespace(pk=user_id))
    return mine.filter(any_of("goal__student_id", students), mine=False).order_by().values_list("pk")
