"""A student's goals of a term as any page shows them: the scale, where the student is on it, what was agreed.

    goals = goal_lines(student, term_id, request.user)
    {% include "goals/_column.html" %}        with `goals` and `student` in the context

Who reads decides what there is: staff who read the TSP see every goal and where it stands; the student and the
parents and carers who may follow the child see the agreed ones, in the student's words (goals are shared with home,
domain 2.4). Anyone else gets an empty column. A fixed number of queries, however many goals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from care.models import Outcome
from keywork import clock, prepared, school
from keywork.access import Can, allows
from keywork.dates import day_short, london_date
from keywork.names import ended
from keywork.sql import any_of
from tsp.models import GasScale, Goal, GoalOutcome, GoalScore
from tsp.questions import templates
from tsp.questions.templates import Audience
from tsp.rating import rules
from tsp.rating.pictures import percent
from tsp.rating.rules import Attainment

from .gas_scales import BADGES, State, as_scored, being_written, in_force, standing_score, state_of


@dataclass(frozen=True, slots=True)
class GoalStep:
    value: int
    label: str  # "+1", "−2"
    name: str  # "Expected outcome"
    words: str
    is_now: bool = False
    is_expected: bool = False


@dataclass(frozen=True, slots=True)
class GoalLine:
    """One goal. `steps` run from +2 down, and are empty until a scale was written.

    `level` is None until the first score of the scale in force; then the student stands where they began
    (`baseline`). `note` and `url` are empty for those at home.
    """

    pk: int
    term: str
    area: str
    area_title: str
    words: str
    why: str
    steps: tuple[GoalStep, ...]
    state: State
    badge: tuple[str, str]
    note: str
    outcomes: tuple[Outcome, ...]
    baseline: int
    level: int | None
    partial: bool
    review_on: date | None
    withdrawn_reason: str
    new_levels: str  # "The levels are being changed: to be checked", "" when they are not
    url: str

    @property
    def additional_need(self) -> bool:
        return not self.outcomes

    @property
    def level_words(self) -> str:
        """ "Expected outcome", "Somewhat less than expected, with some progress"; "" until scored."""
        return "" if self.level is None else rules.level_in_words(self.level, self.partial)

    @property
    def where(self) -> str:
        """Where the student is, in the words of the scale; "" until it is written."""
        return next((step.words for step in self.steps if step.is_now), "")

    @property
    def is_active(self) -> bool:
        return self.state not in ("closed", "withdrawn")

    @property
    def is_agreed(self) -> bool:
        return self.state in ("agreed", "closed")

    # In the picture: where it began and where it stands, in per cent of the way from −2 to +2.

    @property
    def start_at(self) -> str:
        return percent((self.baseline + 2) * 25)

    @property
    def level_at(self) -> str:
        return "" if self.level is None else percent((self.level + 2) * 25)

    @property
    def start_label(self) -> str:
        return rules.level_label(self.baseline)

    @property
    def level_label(self) -> str:
        return "" if self.level is None else rules.level_label(self.level)

    @property
    def moved(self) -> bool:
        return self.level is not None and self.level != self.baseline

    @property
    def fell(self) -> bool:
        return self.level is not None and self.level < self.baseline

    @property
    def in_a_sentence(self) -> str:
        if self.level is None:
            return f"“{self.words}” began at {self.start_label} and has not been scored yet."
        return (
            f"“{self.words}” began at {self.start_label} and is at {self.level_label} now:"
            f" {ended(self.level_words)}"
        )


@dataclass(frozen=True, slots=True)
class GoalColumn:
    """The goals of a student in a term. `attainment` speaks of those begun in this term alone."""

    term: str
    audience: Audience
    lines: tuple[GoalLine, ...]
    attainment: Attainment
    may_keep: bool = False
    active: int = 0  # of the student as a whole, drafts among them
    add_url: str = ""
    all_url: str = ""
    over: bool = False  # the term has ended: nothing more is to be agreed in it

    def __iter__(self) -> Iterator[GoalLine]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def shown(self) -> list[GoalLine]:
        """Without the withdrawn ones, which are listed under the others."""
        return [line for line in self.lines if line.state != "withdrawn"]

    @property
    def withdrawn(self) -> list[GoalLine]:
        return [line for line in self.lines if line.state == "withdrawn"]

    @property
    def agreed(self) -> int:
        return sum(line.is_agreed for line in self.lines)

    @property
    def heading(self) -> str:
        """ "Goals, 1 of 3 agreed", "Goals, none yet"; of a term that is over "Goals, 1 agreed"."""
        if not self.shown:
            return "Goals, none" if self.over else "Goals, none yet"
        if self.over or self.agreed >= max(rules.RECOMMENDED_GOALS, len(self.shown)):
            return f"Goals, {self.agreed} agreed"
        return f"Goals, {self.agreed} of {max(rules.RECOMMENDED_GOALS, len(self.shown))} agreed"

    @property
    def picture(self) -> list[GoalLine]:
        """Those agreed; withdrawn ones are in the list beside it."""
        return [line for line in self.lines if line.is_agreed]

    @property
    def to_go(self) -> int:
        """How many more are recommended: three altogether (domain 2.5)."""
        return max(0, rules.RECOMMENDED_GOALS - self.active)

    @property
    def may_add(self) -> bool:
        return self.may_keep and self.active < rules.MOST_ACTIVE_GOALS


def audience_of(reader: Any, student: Any) -> Audience | None:
    """As whom this person reads the goals of this student: None, not at all."""
    if allows(reader, Can.VIEW_TSP, student):
        return "staff"
    if allows(reader, Can.VIEW_MY_PAGE, student):
        return "student"
    return "parent" if allows(reader, Can.VIEW_FAMILY_HOME, student) else None


def goal_rows(student_id: int, term: str | None = None) -> list[Any]:
    """Goals of a student, or those begun by a term (ids sort as terms follow each other), with their scales, scores and outcomes: four queries."""
    goals = {goal.pk: goal for goal in prepared.rows(_goals, student_id, term)}
    for goal in goals.values():
        goal.all_scales, goal.all_scores, goal.all_outcomes = [], [], []
    if goals:
        for one in prepared.rows(_scales, goals):
            one.goal = goals[one.goal_id]
            one.goal.all_scales.append(one)
        for one in prepared.rows(_scores, goals):
            one.goal = goals[one.goal_id]
            one.goal.all_scores.append(one)
        for link in prepared.rows(_links, goals):
            goals[link.goal_id].all_outcomes.append(link.outcome)
    return list(goals.values())


def _goals(student_id: Any, term: Any) -> QuerySet:
    found = Goal.objects.filter(student_id=student_id)
    found = found if term is None else found.filter(term__lte=term)
    return found.select_related("started_by", "withdrawn_by").order_by("started_at", "pk")


def _scales(goals: Any) -> QuerySet:
    found = GasScale.objects.filter(any_of("goal", goals))
    return found.select_related("written_by", "checked_by", "sent_back_by").order_by("number")


def _scores(goals: Any) -> QuerySet:
    found = GoalScore.objects.filter(any_of("goal", goals))
    return found.select_related("by", "voided_by").order_by("-scored_on", "-pk")


def _links(goals: Any) -> QuerySet:
    return (
        GoalOutcome.objects.filter(any_of("goal", goals))
        .select_related("outcome")
        .order_by("outcome__number")
    )


def goal_lines(student: Any, term: str, reader: Any) -> GoalColumn:
    """The goals of the term (its id), and those begun before it that were still worked on when it began."""
    audience = audience_of(reader, student)
    if audience is None:
        return GoalColumn(term, "staff", (), rules.attainment(()))
    span = school.load().calendar.known_term(term)
    rows = [
        goal
        for goal in goal_rows(student.pk, term)
        if goal.term == term or was_open(goal, span.starts_on if span else None)
    ]
    shown = column(student, term, reader, audience, rows)
    # A new goal serves the term it is begun in: none is offered for one that is over.
    over = span is None or span.ends_on < clock.today()
    return replace(shown, may_keep=False, over=True) if over else shown


def column(student: Any, term: str, reader: Any, audience: Audience, rows: Sequence[Any]) -> GoalColumn:
    """Of rows as `goal_rows` gives them."""
    forms = templates.versions(goal.template_id for goal in rows)
    lines = tuple(_line(goal, forms[goal.template_id], audience) for goal in rows)
    scored = [
        as_scored(goal, scale, standing_score(goal.all_scores, scale))
        for goal in rows
        if goal.term == term and goal.agreed_at and (scale := in_force(goal.all_scales))
    ]
    if audience != "staff":
        at_home = tuple(line for line in lines if line.is_agreed)
        return GoalColumn(term, audience, at_home, rules.attainment(scored))
    may_keep = allows(reader, Can.KEEP_GOALS, student)
    return GoalColumn(
        term,
        audience,
        lines,
        rules.attainment(scored),
        may_keep=may_keep,
        active=sum(line.is_active for line in lines),
        add_url=reverse("goals:add", args=[student.pk]) if may_keep else "",
        all_url=reverse("goals:goals", args=[student.pk]),
    )


def was_open(goal: Goal, on: date | None) -> bool:
    """Still worked on then, or now."""
    ended = goal.withdrawn_at or goal.closed_at
    return ended is None or (on is not None and london_date(ended) >= on)


def _line(goal: Any, form: templates.Template, audience: Audience) -> GoalLine:
    agreed, written = in_force(goal.all_scales), being_written(goal.all_scales)
    shown = agreed or written
    score = standing_score(goal.all_scores, agreed)
    baseline = shown.baseline if shown else -1
    now = score.level if score else baseline
    state = state_of(goal, goal.all_scales)
    outcomes = tuple(goal.all_outcomes)
    staff = audience == "staff"
    new_levels = ""
    if staff and agreed and written:
        words = "to be checked" if written.asked_at else "sent back" if written.sent_back_at else "in writing"
        new_levels = f"New levels are {words}."
    return GoalLine(
        pk=goal.pk,
        term=goal.term,
        area=goal.area,
        area_title=form.area(goal.area).title_for(audience),
        words=goal.student_words,
        why=goal.why_it_matters,
        steps=steps_of(shown, now),
        state=state,
        badge=BADGES[state],
        note=_note(goal, outcomes, agreed, written) if staff else "",
        outcomes=outcomes,
        baseline=baseline,
        level=score.level if score else None,
        partial=bool(score and score.partial),
        review_on=shown.review_on if shown else None,
        withdrawn_reason=goal.withdrawn_reason if staff else "",
        new_levels=new_levels,
        url=reverse("goals:goal", args=[goal.pk]) if staff else "",
    )


def steps_of(scale: GasScale | None, now: int | None) -> tuple[GoalStep, ...]:
    """The levels from +2 down, none until they are written; `now` is marked."""
    if scale is None or not any(scale.levels.values()):
        return ()
    return tuple(
        GoalStep(
            value,
            rules.level_label(value),
            rules.LEVEL_NAMES[value],
            scale.levels[value],
            is_now=value == now,
            is_expected=value == 0,
        )
        for value in reversed(rules.LEVELS)
    )


def outcome_words(outcomes: Sequence[Outcome]) -> str:
    """ "Links to EHC outcome 3", "Links to EHC outcomes 1 and 3", "An additional need, beyond the plan"."""
    numbers = [str(outcome.number) for outcome in outcomes]
    if not numbers:
        return "An additional need, beyond the plan"
    if len(numbers) == 1:
        return f"Links to EHC outcome {numbers[0]}"
    return f"Links to EHC outcomes {', '.join(numbers[:-1])} and {numbers[-1]}"


def _note(goal: Any, outcomes: Sequence[Outcome], agreed: GasScale | None, written: GasScale | None) -> str:
    said = [outcome_words(outcomes)]
    today = clock.today()
    if agreed is not None and agreed.checked_by and agreed.checked_at:
        on = day_short(london_date(agreed.checked_at), today)
        said.append(f"Checked by {agreed.checked_by.get_short_name()}, {on}")
    elif written is not None and written.asked_at:
        said.append(f"{written.written_by.get_short_name()} asked for a check")
    elif written is not None and written.sent_back_by:
        said.append(f"Sent back by {written.sent_back_by.get_short_name()}")
    return ". ".join(said) + "."
