"""Goals as other apps ask for them (keywork.goal_links), and what they have for the talk before a review: outcomes
of the plan, and targets of TSP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from care.models import Outcome
from care.reviews.heads import HeadLine
from keywork.access import Can, allows
from keywork.goal_links import GoalLinks, LinkedGoal
from keywork.school import SchoolFacts
from tsp.models import Goal

from .gas_scales import BADGES, state_of
from .lines import GoalColumn, GoalLine, goal_lines
from .outcomes import OutcomeState, outcomes_view, quiet_outcomes


class Goals(GoalLinks):
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


class GoalHeads:
    def heads(self, student: Any, reader: Any, since: date, school: Any) -> Mapping[str, Sequence[HeadLine]]:
        if not allows(reader, Can.VIEW_TSP, student):
            return {}
        view = outcomes_view(student, reader, school=school)
        goals = {goal.pk: goal for state in view.states for goal in state.goals}
        goals |= {goal.pk: goal for goal in view.additional}
        return {
            "ehcp_outcomes": [_outcome(one, student) for one in view.states],
            "tsp_targets": [_target(one) for one in goals.values() if one.is_active],
        }


def _outcome(one: OutcomeState, student: Any) -> HeadLine:
    url = reverse("goals:outcomes", args=[student.pk])
    words = f"{one.outcome.number}. {one.outcome.text.rstrip('.')}"
    if one.outcome.status != one.outcome.Status.OPEN:
        return HeadLine(words, one.outcome.get_status_display().lower())
    if one.quiet:
        return HeadLine(words, "nothing written this term", url, "Add what you saw", first=True)
    if one.judgement is None:
        return HeadLine(words, "not judged yet", url, "Judge it", first=True)
    return HeadLine(words, one.judgement.get_word_display().lower(), on=one.judgement.made_on)


def _target(one: GoalLine) -> HeadLine:
    where = one.where or one.level_words or one.badge[1].lower()
    return HeadLine(
        f"“{one.words.rstrip('.')}”", f"at “{where}”" if one.where else where, one.url, "The goal"
    )
