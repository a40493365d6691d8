"""Goals that grew from something another app keeps, told to that app (keywork.goal_links)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from keywork.goal_links import LinkedGoal

from ..models import Goal
from .gas_scales import BADGES, state_of


class TspGoals:
    def grown(self, student: Any, kind: str) -> Sequence[LinkedGoal]:
        """Newest first; two queries."""
        goals = Goal.objects.filter(student=student, grew_from__startswith=f"{kind}:")
        return [
            LinkedGoal(
                goal.grew_from,
                goal.student_words,
                reverse("tsp:goal", args=[goal.pk]),
                BADGES[state_of(goal, list(goal.ladders.all()))][1],
            )
            for goal in goals.prefetch_related("ladders").order_by("-started_at", "-pk")
        ]

    def new_url(self, student_id: int, ref: str) -> str:
        return f"{reverse('tsp:goal_add', args=[student_id])}?{urlencode({'from': ref})}"
