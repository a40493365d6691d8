"""Where a goal and its scales stand, in words: draft, to be checked, sent back, agreed, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from keywork import clock
from tsp.models import GasScale, Goal, GoalScore
from tsp.rating import rules

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


def same_levels(scale: GasScale, given: Mapping[str, Any]) -> bool:
    """Would writing these values change nothing of a scale?"""
    return all(getattr(scale, name) == value for name, value in given.items())
