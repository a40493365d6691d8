"""What waits for one colleague: goals to check as the second adult, and views they were asked for.

Asked on every Today, so compiled; the rules are those of `LadderQuerySet.asked` and `AskQuerySet.of`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

from keywork.access import Can, of_these
from keywork.compiled import Compiled
from keywork.sql import AnyOf, as_array

from .models import Ask, Ladder

if TYPE_CHECKING:
    from keywork.models import User

_TO_CHECK = Compiled(
    lambda user_id, students: (
        Ladder.objects.asked()
        .with_mine(SimpleNamespace(pk=user_id))
        .filter(AnyOf("goal__student_id", students), mine=False)
        .order_by()
        .values_list("pk")
    ),
    -1,
    "{}",
)
_ASKED = Compiled(
    lambda user_id: (
        Ask.objects.waiting()
        .filter(user=user_id)
        .order_by("answer_by")
        .values_list("student_id", "answer_by")
    ),
    -1,
)


def goals_to_check(user: User, student_ids: Iterable[int]) -> int:
    """How many goals of these students wait for this person, who did not write them."""
    checks = of_these(user, Can.CHECK_GOALS, student_ids)
    return len(_TO_CHECK.rows(user.pk, as_array(checks))) if checks else 0


def asked_of(user: User) -> list[date]:
    """By when their view was asked for, of each student they may still say something about; the first first."""
    rows = _ASKED.rows(user.pk)
    theirs = of_these(user, Can.ADD_INPUT, [student_id for student_id, _ in rows])
    return [by for student_id, by in rows if student_id in theirs]
