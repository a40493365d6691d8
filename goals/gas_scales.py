"""Where a goal and its ladders stand, in words: draft, to be checked, sent back, agreed, ended."""

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


def in_force(ladders: Sequence[GasScale]) -> GasScale | None:
    """The newest ladder that was agreed: what is worked towards and scored."""
    return max((one for one in ladders if one.agreed_at), key=lambda one: one.number, default=None)


def being_written(ladders: Sequence[GasScale]) -> GasScale | None:
    """The newest ladder, while it is not agreed yet."""
    newest = max(ladders, key=lambda one: one.number, default=None)
    return newest if newest is not None and newest.agreed_at is None else None


def state_of(goal: Goal, ladders: Sequence[GasScale]) -> State:
    """Of the goal as a whole: a new ladder in the making does not change that it is agreed."""
    if goal.withdrawn_at:
        return "withdrawn"
    if goal.closed_at:
        return "closed"
    if goal.agreed_at:
        return "agreed"
    return state_of_ladder(being_written(ladders))


def state_of_ladder(ladder: GasScale | None) -> State:
    if ladder is None:
        return "draft"
    if ladder.agreed_at:
        return "agreed"
    if ladder.asked_at:
        return "asked"
    return "sent_back" if ladder.sent_back_at else "draft"


def standing_score(scores: Sequence[GoalScore], ladder: GasScale | None) -> GoalScore | None:
    """The newest score of the ladder in force that is neither void nor a second scorer's: the level.

    A score given on levels that were changed since says nothing of the new ones.
    """
    if ladder is None:
        return None
    own = [one for one in scores if not one.second and one.voided_at is None and one.ladder_id == ladder.pk]
    return max(own, key=lambda one: (one.scored_on, one.pk), default=None)


def as_scored(goal: Goal, ladder: GasScale, score: GoalScore | None) -> rules.Goal:
    """An agreed goal as `rules.attainment` reads it."""
    return rules.Goal(
        baseline=ladder.baseline,
        level=score.level if score else None,
        partial=bool(score and score.partial and ladder.baseline == -1),
        withdrawn=goal.withdrawn_at is not None,
        weight=rules.goal_weight(goal.importance, goal.difficulty),
    )


def missing_parts(ladder: GasScale) -> list[tuple[str, str]]:
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
    found = [(field, words) for field, words in wanted.items() if not getattr(ladder, field).strip()]
    if ladder.review_on is None:
        found.append(("review_on", "Choose the day it is reviewed"))
    if ladder.review_on is not None and ladder.review_on <= clock.today():
        found.append(("review_on", "Choose a day after today"))
    levels = [words.strip().casefold() for words in ladder.levels.values() if words.strip()]
    if len(set(levels)) < len(levels):
        found.append(("zero", "Two levels say the same. Each must be told apart from the next"))
    return found


def same_levels(ladder: GasScale, given: Mapping[str, Any]) -> bool:
    """Would writing these values change nothing of a ladder?"""
    return all(getattr(ladder, name) == value for name, value in given.items())
