"""Scoring goals: where the student stands and how it is known, a second view, what was wrong, the end (domain 2.5)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from keywork import clock
from keywork.dates import day_in_full
from keywork.errors import ChangedMeanwhile, Refused
from keywork.models import User
from tsp.models import GasScale, Goal, GoalScore
from tsp.rating import rules

from .gas_scales import being_written, in_force, standing_score

# What stands as evidence where only an entry of the timeline was pointed to: its own text is never copied.
SEE_ENTRY = "See the entry it rests on."
YOU_SCORED = "You scored this goal, so somebody else gives the second view"


@transaction.atomic
def score_goal(
    *,
    by: User,
    goal: Goal,
    scale_id: int,
    level: int,
    scored_on: date,
    evidence: str = "",
    partial: bool = False,
    second: bool = False,
    source: tuple[str, int] | None = None,
    end: bool = False,
) -> GoalScore:
    """Where the student stands on the scale that was seen (`scale_id`).

    `evidence` in words, or `source`, an entry of the timeline by kind and key. `partial` is progress within −1
    from a start at −1. A `second` scorer is somebody who has not scored these levels. `end` closes the goal with
    this score. Raises Refused, ChangedMeanwhile when the levels are others by now.
    """
    row, scale = _locked(goal)
    if scale.pk != scale_id:
        raise ChangedMeanwhile(row, scale.written_by.name)
    if level not in rules.LEVELS:
        raise Refused("Choose one of the five levels", "level")
    if partial and not (level == -1 and scale.baseline == -1):
        raise Refused("Some progress within a level is only noted at −1, from a start at −1", "partial")
    agreed_on = scale.agreed_on
    if scored_on > clock.today():
        raise Refused("Choose a date that is today or earlier", "scored_on")
    if scored_on < agreed_on:
        raise Refused(
            f"These levels were agreed on {day_in_full(agreed_on)}. Choose that day or later", "scored_on"
        )
    if not evidence.strip() and source is None:
        raise Refused("Say how you know, or choose an entry of the timeline", "evidence")
    if second and has_scored(by, scale):
        raise Refused(YOU_SCORED)
    made = GoalScore.objects.create(
        goal=row,
        scale=scale,
        level=level,
        partial=partial,
        second=second,
        scored_on=scored_on,
        evidence=evidence.strip() or SEE_ENTRY,
        source_kind=source[0] if source else "",
        source_pk=source[1] if source else None,
        by=by,
        at=clock.now(),
    )
    if end and not second:
        _close(row)
    return made


@transaction.atomic
def close_goal(*, by: User, goal: Goal) -> Goal:
    """It ends at the level it has. Raises Refused before its first score or while new levels are written."""
    row, scale = _locked(goal)
    if standing_score(list(row.scores.all()), scale) is None:
        raise Refused("Score the goal first: it ends at a level")
    _close(row)
    return row


@transaction.atomic
def void_score(*, by: User, score: GoalScore, reason: str) -> GoalScore:
    """Cross a score out; the one before it is the level again. A goal that ended with it goes on.

    Raises Refused without a reason, for a goal withdrawn, or when four other goals are active by now.
    """
    if not reason.strip():
        raise Refused("Say why the score is crossed out", "reason")
    goal = Goal.objects.select_for_update(of=("self",)).select_related("student").get(pk=score.goal_id)
    row = GoalScore.objects.select_for_update(of=("self",)).get(pk=score.pk)
    if row.voided_at is not None:
        raise Refused("It was crossed out already")
    if goal.withdrawn_at is not None:
        raise Refused("This goal was withdrawn, so its scores stay as they are")
    row.voided_at, row.voided_by, row.void_reason = clock.now(), by, reason.strip()
    row.save(update_fields=["voided_at", "voided_by", "void_reason"])
    if goal.closed_at is not None and standing_score(list(goal.scores.all()), _in_force(goal)) is None:
        others = Goal.objects.active().filter(student=goal.student_id).count()
        if others >= rules.MOST_ACTIVE_GOALS:
            raise Refused(
                "The goal would go on, and four others are active. End or withdraw one of them first"
            )
        goal.closed_at = None
        goal.version += 1
        goal.save(update_fields=["closed_at", "version"])
    return row


def why_not_scored(goal: Goal) -> str:
    """ "" of one that can be scored now."""
    if goal.withdrawn_at is not None:
        return "This goal was withdrawn, so it is not scored any more"
    if goal.closed_at is not None:
        return "This goal has ended. Cross its last score out if that was wrong"
    return "" if in_force(list(goal.scales.all())) else "The goal is scored once its levels are agreed"


def has_scored(user: User, scale: GasScale) -> bool:
    """These levels, as the first scorer: then they give no second view."""
    return GoalScore.objects.standing().filter(scale=scale, second=False, by=user).exists()


def _locked(goal: Goal) -> tuple[Goal, GasScale]:
    row = Goal.objects.select_for_update(of=("self",)).select_related("student").get(pk=goal.pk)
    if why := why_not_scored(row):
        raise Refused(why)
    return row, _in_force(row)


def _in_force(goal: Goal) -> GasScale:
    scale = in_force(list(goal.scales.select_related("written_by")))
    assert scale is not None  # of a goal that was scored, or can be
    return scale


def _close(goal: Goal) -> None:
    if being_written(list(goal.scales.all())) is not None:
        raise Refused("New levels are being written. Have them agreed, or drop them, before the goal ends")
    goal.closed_at = clock.now()
    goal.version += 1
    goal.save(update_fields=["closed_at", "version"])
