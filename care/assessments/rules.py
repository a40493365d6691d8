"""The clock of an EHC needs assessment, from the day it was asked for (domain 1.6). Pure.

Weeks are seven days, and holidays stop nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

DECIDE, ADVICE, NO_PLAN, FINAL = (timedelta(weeks=weeks) for weeks in (6, 6, 16, 20))
COMMENTS = timedelta(days=15)
MANY_NEEDS = 2  # from so many areas of need on they are multiple


class AssessmentFacts(NamedTuple):
    """`decision` is "" until the authority has said whether it assesses, then "assess" or "refuse"; `outcome` is "" until
    it has said what follows, then "plan" or "no_plan"."""

    requested_on: date
    decision: str = ""
    decided_on: date | None = None
    draft_on: date | None = None
    outcome: str = ""
    ended_on: date | None = None

    @property
    def is_over(self) -> bool:
        return self.decision == "refuse" or self.ended_on is not None


class Clock(NamedTuple):
    decide_by: date
    no_plan_by: date
    final_by: date


def clock_of(requested_on: date) -> Clock:
    return Clock(requested_on + DECIDE, requested_on + NO_PLAN, requested_on + FINAL)


def advice_by(asked_on: date) -> date:
    """Whoever is asked for advice has six weeks."""
    return asked_on + ADVICE


def comments_by(draft_on: date) -> date:
    """Until when the family may answer the draft."""
    return draft_on + COMMENTS


class Step(NamedTuple):
    slug: str
    due_on: date
    done_on: date | None = None
    needed: bool = True

    @property
    def is_open(self) -> bool:
        return self.needed and self.done_on is None


def steps_of(facts: AssessmentFacts) -> list[Step]:
    """What the authority owes, and what the family may answer."""
    clock = clock_of(facts.requested_on)
    goes_on = facts.decision != "refuse"
    no_plan_on = facts.ended_on if facts.outcome == "no_plan" else None
    plan_on = facts.ended_on if facts.outcome == "plan" else None
    steps = [Step("decide", clock.decide_by, facts.decided_on)]
    steps.append(Step("no_plan", clock.no_plan_by, no_plan_on, goes_on and not (facts.draft_on or plan_on)))
    if facts.draft_on is not None:
        steps.append(Step("comments", comments_by(facts.draft_on), facts.ended_on, goes_on))
    steps.append(Step("final", clock.final_by, plan_on, goes_on and facts.outcome != "no_plan"))
    return steps


def next_step(facts: AssessmentFacts) -> Step | None:
    """The step that is open and due first."""
    left = [step for step in steps_of(facts) if step.is_open]
    return None if facts.is_over else min(left, key=lambda step: step.due_on, default=None)


class Eligible(NamedTuple):
    """Why a student may have a keyworker, and be put forward for an assessment (the school's own guide)."""

    has_plan: bool
    needs: int
    cycles: int  # of assess, plan, do and review that came to their end

    @property
    def has_many_needs(self) -> bool:
        return self.needs >= MANY_NEEDS

    @property
    def may_be_put_forward(self) -> bool:
        """Several needs that go on although something was tried and looked at again."""
        return not self.has_plan and self.has_many_needs and self.cycles > 0
