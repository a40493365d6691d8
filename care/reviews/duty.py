"""The next step of a review as a duty (domain 1.6): from setting its date to the plan that follows.

Of a student without a plan it is the next step of a request for a needs assessment. What only the local authority can
do asks nothing of anybody until it is late. A date that moves takes every step with it, so nothing is kept as missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from keywork.access import Can
from keywork.addresses import numbered
from keywork.duties import DutyContext, DutyResult, DutyState, Status, Words, owed_once, words_once
from keywork.prepared import Read
from keywork.providers import Duty
from keywork.school import SchoolFacts

from ..assessments import rules as assessments
from ..assessments.rules import AssessmentFacts
from . import rules
from .rules import ReviewFacts
from .standing import reads_of, standing_of

KIND = "review"
SOON_DAYS = 7
THEIRS = ("decision", "plan", "decide", "no_plan", "final", "comments")  # of the authority, or of the family
# Of each step what is to be done, for the badge and in a sentence.
STEPS = {
    "date": ("Set a date", "set the date of the review"),
    "invite": ("Invite", "invite everybody whom the law names"),
    "taking_part": ("Own way", "ask {s.known_as} how they want to take part"),
    "advice": ("Advice", "get the advice of everybody asked"),
    "papers": ("Papers", "send the papers to everybody"),
    "talk": ("Talk", "meet home before the review"),
    "meeting": ("Meeting", "hold the review meeting"),
    "report": ("Report", "send the report to everybody invited"),
    "decision": ("Decision", "the local authority’s decision"),
    "plan": ("New plan", "the new final plan"),
    "decide": ("Answer", "the local authority says whether it assesses"),
    "no_plan": ("Answer", "the local authority says if there will be no plan"),
    "comments": ("Draft", "home answers the draft plan"),
    "final": ("Plan", "the final plan"),
}


_MORE = "Next: {s.doing}."
_WHY = ("{s.rule}", "Next: {s.doing}, by {s.due}.")


class StepFacts(NamedTuple):
    """`review_by` is when the next review is due, `phase_by` the day of a change of phase that the plan was not yet
    reviewed for; `review` and `assessment` are those that are not over."""

    joined_on: date
    left_on: date | None
    known_from: date | None
    review_by: date | None = None
    move: rules.Move = ""
    since: date | None = None
    review: ReviewFacts | None = None
    assessment: AssessmentFacts | None = None
    talk_within: int | None = None


def step_of(facts: StepFacts, as_of: date) -> tuple[str, date] | None:
    """What is to be done next, and by which day."""
    step: Any = None
    if facts.review is not None and not facts.review.is_over:
        step = rules.next_step(facts.review, as_of, talk_within=facts.talk_within)
    elif facts.since is not None:
        phase = rules.phase_by(facts.move, rules.moves_on(as_of))
        if phase is not None and facts.since >= date(phase.year - 1, 9, 1):
            phase = None  # reviewed for the move already
        last = rules.meet_by(facts.review_by, phase)
        return ("date", last - rules.SET_DATE) if last else None
    elif facts.assessment is not None:
        step = assessments.next_step(facts.assessment)
    return (step.slug, step.due_on) if step else None


def evaluate(facts: StepFacts, as_of: date, school: SchoolFacts) -> DutyResult:
    """How the next step stands at the end of a day. Pure."""
    found = step_of(facts, as_of)
    slug, due_on = found or ("", None)
    is_open = slug not in THEIRS and (
        slug != "date" or (due_on is not None and as_of >= due_on - rules.OPENS)
    )
    if due_on is not None and due_on < school.begun_on(facts.known_from):
        due_on = None
    return owed_once(facts, due_on, as_of, school, is_open=is_open, soon_days=SOON_DAYS, since=facts.since)


class ReviewState(DutyState):
    kind = KIND
    name = "EHC plan review"
    has_page = True
    page_needs = Can.VIEW_REVIEWS
    links = ("Set its date", "Go on with the review")
    words = words_once(
        done="",
        more=_MORE,
        why=_WHY,
        why_not="{s.why_not}",
    ) | {
        Status.OVERDUE: Words(
            "{s.over}", "A step of the {s.name} is late", f"Was due {{s.due}}. {_MORE}", _WHY
        )
    }

    @property
    def step(self) -> str:
        return (step_of(self.facts, self.as_of) or ("", None))[0]

    @property
    def doing(self) -> str:
        return self._filled(STEPS[self.step][1])

    @property
    def begun(self) -> str:
        return STEPS[self.step][0]

    @property
    def is_begun(self) -> bool:
        return self.facts.review is not None

    @property
    def rule(self) -> str:
        if self.facts.review is not None:
            return f"The meeting is on {self.day(self.facts.review.meets_on)}; every step is counted from it."
        if self.facts.assessment is not None:
            return f"A needs assessment was asked for on {self.day(self.facts.assessment.requested_on)}."
        return (
            "A review ends with the local authority’s decision, four weeks after the meeting at the latest."
        )

    @property
    def why_not(self) -> str:
        if self.facts.since is None:
            return f"{self.known_as} has no EHC plan, and none was asked for."
        return "No step of a review is open."

    @property
    def address(self) -> str:
        if self.facts.since is None:
            return numbered("care:assessment").format(self.student_id)
        found = numbered("care:reviews").format(self.student_id)
        return f"{found}{self.beside}/" if self.beside else found


class ReviewDuty(Duty):
    kind, name = KIND, ReviewState.name
    state, fact = ReviewState, StepFacts
    evaluate = staticmethod(evaluate)

    def reads(self, context: DutyContext) -> Sequence[Read]:
        return reads_of(context.ids, context.as_of, context.known_on)

    def known(self, context: DutyContext, *reads: Any) -> Mapping[int, Sequence[Any]]:
        found = standing_of(context.as_of, context.policy, *reads)
        context.beside = found.reviews
        return found.known
