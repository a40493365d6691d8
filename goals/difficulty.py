"""The check on easy goals (domain 2.5): of the goals scored in a term, how many lie above what was expected.

One count over the school, with the goals themselves to look at. There is no figure by keyworker or class, and no
T-score anywhere: who sets a goal also scores it, so the control is to read the levels, not to rank people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from keywork.access import Can
from tsp.models import GasScale, Goal, GoalScore
from tsp.rating import rules

from .gas_scales import in_force, standing_score


@dataclass(frozen=True, slots=True)
class Above:
    """One goal scored +1 or +2, with the words of the level reached and of the one expected."""

    goal: Goal
    label: str
    words: str
    expected: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class Share:
    """`scored` counts goals, not scores; `goals` are those above expected."""

    scored: int
    goals: tuple[Above, ...]
    without_second: int

    @property
    def above(self) -> int:
        return len(self.goals)

    @property
    def per_cent(self) -> int | None:
        """Whole per cent, half up; None without a scored goal."""
        return None if not self.scored else (200 * self.above + self.scored) // (2 * self.scored)


def above_expected(reader: Any, term: str) -> Share:
    """Goals begun in a term that this person oversees; three queries however many."""
    rows = (
        Goal.objects.visible_to(reader, Can.FOLLOW_TSP)
        .filter(term=term, agreed_at__isnull=False, withdrawn_at__isnull=True)
        .select_related("student")
        .prefetch_related(
            Prefetch("scales", GasScale.objects.select_related("checked_by"), "all_scales"),
            Prefetch("scores", GoalScore.objects.standing(), "all_scores"),
        )
        .order_by("student__in_order", "pk")
    )
    scored = without_second = 0
    above: list[Above] = []
    for goal in rows:
        scale = in_force(goal.all_scales)
        score = standing_score(goal.all_scores, scale)
        if scale is None or score is None:
            continue
        scored += 1
        without_second += not any(one.second for one in goal.all_scores)
        if score.level > 0:
            checked = scale.checked_by.name if scale.checked_by else ""
            words = scale.levels[score.level]
            above.append(Above(goal, rules.level_label(score.level), words, scale.zero, checked))
    return Share(scored, tuple(above), without_second)
