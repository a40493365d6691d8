"""Goals as other apps ask for them (keywork.goal_links)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from care.models import Outcome
from keywork.goal_links import LinkedGoal
from keywork.school import SchoolFacts
from tsp.models import Goal

from .gas_scales import BADGES, state_of
from .lines import GoalColumn, goal_lines
from .outcomes import quiet_outcomes


class Goals:
    def linked_goals(self, student: Any, kind: str) -> Sequence[LinkedGoal]:
        """Newest first; two queries."""
        goals = Goal.objects.filter(student=student, grew_from__startswith=f"{kind}:")
        return [
            LinkedGoal(
                goal.grew_from,
                goal.student_words,
                reverse("goals:goal", args=[goal.pk]),
                BADGES[state_of(goal, list(goal.scales.all()))][1],
            )
            for goal in goals.prefetch_related("scales").order_by("-started_at", "-pk")
        ]

    def new_url(self, student_id: int, ref: str) -> str:
        return f"{reverse('goals:add', args=[student_id])}?{urlencode({'from': ref})}"

    def column(self, student: Any, term: str, reader: Any) -> GoalColumn:
        return goal_lines(student, term, reader)

    def quiet_outcomes(self, student: Any, school: SchoolFacts) -> Sequence[Outcome]:
        return quiet_outcomes(student, school=school)
