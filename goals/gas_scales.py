"""Where a goal and its scales stand, in words: draft, to be checked, sent back, agreed, ended. Levels that wait for
a second adult; and the check on easy goals (domain 2.5): of the goals scored in a term, how many lie above what was
expected.

That is one count over the school, with the goals themselves to look at. There is no figure by keyworker or class,
and no T-score anywhere: who sets a goal also scores it, so the control is to read the levels, not to rank people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, Literal

from django.db.models import Prefetch, QuerySet

from keywork import clock, prepared
from keywork.access import Can, of_these
from keywork.sql import any_of
from tsp.models import GasScale, Goal, GoalScore
from tsp.rating import rules

if TYPE_CHECKING:
    from keywork.models import User

State = Literal["draft", "asked", "sent_back", "agreed", "closed", "withdrawn"]

# The badge of each state: a level of keywork.duties.LEVELS and a word.
BADGES: Final[dict[State, tuple[str, str]]] = {
    "draft": ("open", "Being written"),
    "asked": ("info", "To be checked"),
    "sent_back": ("soon", "Sent back"),
    "agreed": ("ok", "Agreed"),
    "closed": ("none", "Ended"),
    "withdrawn": ("none", "Withdrawn"),
}


def in_force(scales: Sequence[GasScale]) -> GasScale | None:
    """The newest scale that was agreed: what is worked towards and scored."""
    return max((one for one in scales if one.agreed_at), key=lambda one: one.number, default=None)


def being_written(scales: Sequence[GasScale]) -> GasScale | None:
    """The newest scale, while it is not agreed yet."""
    newest = max(scales, key=lambda one: one.number, default=None)
    return newest if newest is not None and newest.agreed_at is None else None


def state_of(goal: Goal, scales: Sequence[GasScale]) -> State:
    """Of the goal as a whole: a new scale in the making does not change that it is agreed."""
    if goal.withdrawn_at:
        return "withdrawn"
    if goal.closed_at:
        return "closed"
    if goal.agreed_at:
        return "agreed"
    return state_of_scale(being_written(scales))


def state_of_scale(scale: GasScale | None) -> State:
    if scale is None:
        return "draft"
    if scale.agreed_at:
        return "agreed"
    if scale.asked_at:
        return "asked"
    return "sent_back" if scale.sent_back_at else "draft"


def standing_score(scores: Sequence[GoalScore], scale: GasScale | None) -> GoalScore | None:
    """The newest score of the scale in force that is neither void nor a second scorer's: the level.

    A score given on levels that were changed since says nothing of the new ones.
    """
    if scale is None:
        return None
    own = [one for one in scores if not one.second and one.voided_at is None and one.scale_id == scale.pk]
    return max(own, key=lambda one: (one.scored_on, one.pk), default=None)


def as_scored(goal: Goal, scale: GasScale, score: GoalScore | None) -> rules.Goal:
    """An agreed goal as `rules.attainment` reads it."""
    return rules.Goal(
        baseline=scale.baseline,
        level=score.level if score else None,
        partial=bool(score and score.partial and scale.baseline == -1),
        withdrawn=goal.withdrawn_at is not None,
        weight=rules.goal_weight(goal.importance, goal.difficulty),
    )


def missing_parts(scale: GasScale) -> list[tuple[str, str]]:
    """What must still be written before a second adult can check it: (field, sentence)."""
    wanted = {
        "minus_2": "Write level −2",
        "minus_1": "Write level −1",
        "zero": "Write level 0",
        "plus_1": "Write level +1",
        "plus_2": "Write level +2",
        "measure": "Say what is counted or seen, by whom and where",
        "support": "Say what adults will do",
    }
    found = [(field, words) for field, words in wanted.items() if not getattr(scale, field).strip()]
    if scale.review_on is None:
        found.append(("review_on", "Choose the day it is reviewed"))
    if scale.review_on is not None and scale.review_on <= clock.today():
        found.append(("review_on", "Choose a day after today"))
    levels = [words.strip().casefold() for words in scale.levels.values() if words.strip()]
    if len(set(levels)) < len(levels):
        found.append(("zero", "Two levels say the same. Each must be told apart from the next"))
    return found


def waiting_for(user: Any) -> list[Any]:
    """Scales that wait and this person may see as a second adult; `mine` are those they wrote. One query."""
    rows = GasScale.objects.visible_to(user, Can.CHECK_GOALS).asked().with_mine(user)
    return list(rows.select_related("goal__student", "written_by").order_by("asked_at", "pk"))


def goals_to_check(user: User, student_ids: Iterable[int]) -> prepared.Read:
    """How many goals of these students wait for this person, who did not write them."""
    return prepared.Read(_to_check, user.pk, of_these(user, Can.CHECK_GOALS, student_ids), then=len)


def _to_check(user_id: int, students: Any) -> QuerySet:
    mine = GasScale.objects.asked().with_mine(SimpleNamespace(pk=user_id))
    return mine.filter(any_of("goal__student_id", students), mine=False).order_by().values_list("pk")


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
