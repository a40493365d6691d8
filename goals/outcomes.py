"""What bears on each outcome of the EHC plan since it was last reviewed (domain 2.6).

"Since" is the day of the last review where one is written down, else the day the plan in force was issued. To an
outcome belong

* the goals that link to it, or to the same outcome of an earlier version of the plan;
* the statements those goals grow from, and the statements of the outcome's own area of need that serve one of its
  outcomes for adulthood (any, when the plan names none): their ratings and their evidence.

An open outcome with no goal being worked on, no score and no evidence in this term is `quiet`: the keyworker is told.
A fixed number of queries for one outcome or many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from care.models import EhcPlan, Outcome
from keywork import clock
from keywork.calendar import Term, term_name
from keywork.dates import LONDON
from keywork.school import SchoolFacts
from keywork.timeline import Entry
from tsp.models import AssessmentPoint, Evidence, GoalOutcome, GoalScore, Judgement, Rating
from tsp.questions import templates
from tsp.questions.templates import Statement, Template

from . import sources as goal_sources
from .lines import GoalLine, column, goal_rows, was_open


@dataclass(frozen=True, slots=True)
class RatedStatement:
    """One statement then and now: `first` and `latest` in words, the points they are from beside them."""

    words: str
    first: str
    first_in: str
    latest: str
    latest_in: str

    @property
    def only_once(self) -> bool:
        return self.first_in == self.latest_in


@dataclass(frozen=True, slots=True)
class Piece:
    """A dated example; `entry` is what it points to on the timeline, None when this reader may not read it."""

    on: date
    setting: str
    words: str
    by: str
    statement: str
    entry: Entry | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class OutcomeState:
    """One outcome in force. `judgement` is the newest of that time; `earlier` the others, newest first."""

    outcome: Outcome
    goals: tuple[GoalLine, ...]
    ratings: tuple[RatedStatement, ...]
    unrated: int
    evidence: tuple[Piece, ...]
    judgement: Judgement | None
    earlier: tuple[Judgement, ...]
    quiet: bool


@dataclass(frozen=True, slots=True)
class OutcomesView:
    plan: EhcPlan | None
    since: date | None
    states: tuple[OutcomeState, ...]
    additional: tuple[GoalLine, ...]  # goals beyond the plan

    @property
    def since_words(self) -> str:
        reviewed = self.plan is not None and self.plan.reviewed_on is not None
        return "since the last review" if reviewed else "since the plan was issued"

    @property
    def quiet(self) -> int:
        return sum(state.quiet for state in self.states)


def bearing_on(outcome: Outcome, form: Template, link_source: Collection[str]) -> list[Statement]:
    """The statements in use that bear on an outcome, in the order of the form."""
    return [
        one
        for one in form.in_use
        if one.slug in link_source
        or (one.need == outcome.area_of_need and (not outcome.pfa or one.pfa in outcome.pfa))
    ]


def outcomes_view(student: Any, reader: Any, *, school: SchoolFacts) -> OutcomesView:
    """Everything for the page, as this reader of the TSP may see it."""
    plan = EhcPlan.objects.current().filter(student=student).first()
    rows = goal_rows(student.pk)
    term_id = max((goal.term for goal in rows), default="")
    lines = {line.pk: line for line in column(student, term_id, reader, "staff", rows).lines}
    additional = tuple(line for line in lines.values() if line.additional_need and line.is_active)
    if plan is None:
        return OutcomesView(None, None, (), additional)
    since = plan.since
    outcomes = list(plan.outcomes.order_by("number"))
    chains = _chains([student.pk], outcomes)
    form = templates.current()
    counted = [goal for goal in rows if was_open(goal, since)]
    linked = {
        pk: [goal for goal in counted if any(one.pk in chain for one in goal.all_outcomes)]
        for pk, chain in chains.items()
    }
    bearing = {
        outcome.pk: bearing_on(outcome, form, {goal.statement for goal in linked[outcome.pk]})
        for outcome in outcomes
    }
    slugs = {one.slug for found in bearing.values() for one in found}
    rated = _rated(student.pk, since, slugs, form)
    pieces = _pieces(student, reader, since, slugs, form, school)
    judged = _judgements(chains)
    quiet = {one.pk for one in quiet_outcomes(student, school=school)}
    states = []
    for outcome in outcomes:
        own = [one.slug for one in bearing[outcome.pk]]
        mine = [piece for slug in own for piece in pieces[slug]]
        history = judged[outcome.pk]
        newest = history[0] if history and history[0].made_on >= since else None
        states.append(
            OutcomeState(
                outcome=outcome,
                goals=tuple(lines[goal.pk] for goal in linked[outcome.pk]),
                ratings=tuple(rated[slug] for slug in own if slug in rated),
                unrated=sum(slug not in rated for slug in own),
                evidence=tuple(sorted(mine, key=lambda one: one.on, reverse=True)),
                judgement=newest,
                earlier=tuple(history[1:] if newest else history),
                quiet=outcome.pk in quiet,
            )
        )
    return OutcomesView(plan, since, tuple(states), additional)


def quiet_outcomes(student: Any, *, school: SchoolFacts) -> list[Outcome]:
    """Open outcomes in force that nothing was done towards in this term; none between terms. Six queries."""
    return quiet_outcomes_of([student.pk], school=school).get(student.pk, [])


def quiet_outcomes_of(student_ids: Collection[int], *, school: SchoolFacts) -> dict[int, list[Outcome]]:
    """`quiet_outcomes` of many students at once, those with none left out; six queries however many."""
    term = school.calendar.term_on(clock.today())
    if term is None:
        return {}
    rows = Outcome.objects.in_force().filter(plan__student__in=student_ids, status=Outcome.Status.OPEN)
    outcomes = list(rows.select_related("plan").order_by("number"))
    if not outcomes:
        return {}
    chains = _chains(student_ids, outcomes)
    worked, statements = _worked_towards(student_ids, term)
    seen = set(
        Evidence.objects.filter(
            point__student__in=student_ids,
            removed_at__isnull=True,
            on__range=(term.starts_on, term.ends_on),
        ).values_list("point__student", "statement")
    )
    form = templates.current()
    quiet: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        student_id, chain = outcome.plan.student_id, chains[outcome.pk]
        bearing = bearing_on(outcome, form, {slug for pk in chain for slug in statements[pk]})
        if not (chain & worked) and not any((student_id, one.slug) in seen for one in bearing):
            quiet.setdefault(student_id, []).append(outcome)
    return quiet


def _worked_towards(student_ids: Collection[int], term: Term) -> tuple[set[int], Mapping[int, set[str]]]:
    """Outcomes (by key) with a goal being worked on or scored in the term, and the statements of their goals."""
    links = GoalOutcome.objects.filter(goal__student__in=student_ids, goal__withdrawn_at__isnull=True)
    scored = set(
        GoalScore.objects.standing()
        .filter(goal__student__in=student_ids, scored_on__range=(term.starts_on, term.ends_on))
        .values_list("goal_id", flat=True)
    )
    worked: set[int] = set()
    statements: dict[int, set[str]] = defaultdict(set)
    for goal_id, outcome_id, closed_at, statement in links.values_list(
        "goal_id", "outcome_id", "goal__closed_at", "goal__statement"
    ):
        statements[outcome_id].add(statement)
        if closed_at is None or goal_id in scored:
            worked.add(outcome_id)
    return worked, statements


def _chains(student_ids: Collection[int], outcomes: Iterable[Outcome]) -> dict[int, frozenset[int]]:
    """Each outcome's key to the keys of itself and the outcomes it carries on, version after version."""
    before = dict(Outcome.objects.filter(plan__student__in=student_ids).values_list("pk", "same_as_id"))
    chains = {}
    for outcome in outcomes:
        chain: set[int] = set()
        pk: int | None = outcome.pk
        while pk is not None and pk not in chain:
            chain.add(pk)
            pk = before.get(pk)
        chains[outcome.pk] = frozenset(chain)
    return chains


def _rated(student_id: int, since: date, slugs: Collection[str], form: Template) -> dict[str, RatedStatement]:
    labels = {point.value: f"{point.value} {point.short_label}" for point in form.scale}
    order: dict[str, int] = {AssessmentPoint.Kind.BASELINE: 0, AssessmentPoint.Kind.REVIEW: 1}
    rows = (
        Rating.objects.filter(
            point__student=student_id,
            statement__in=slugs,
            confirmed_at__gte=datetime.combine(since, time(0), LONDON),
        )
        .order_by()
        .values_list("statement", "value", "point__term", "point__kind")
    )
    by_statement: dict[str, list[tuple[str, int, int | None]]] = defaultdict(list)
    for slug, value, term, kind in rows:
        by_statement[slug].append((term, order[kind], value))
    found = {}
    for slug, values in by_statement.items():
        values.sort(key=lambda one: one[:2])
        (first_term, first_kind, first), (last_term, last_kind, last) = values[0], values[-1]
        found[slug] = RatedStatement(
            words=form.statements[slug].staff,
            first=_rating_words(first, labels, form),
            first_in=_point_words(first_term, first_kind),
            latest=_rating_words(last, labels, form),
            latest_in=_point_words(last_term, last_kind),
        )
    return found


def _rating_words(value: int | None, labels: Mapping[int, str], form: Template) -> str:
    return form.no_opportunity.label if value is None else labels[value]


def _point_words(term: str, kind: int) -> str:
    return f"{term_name(term)}, {'review' if kind else 'baseline'}"


def _pieces(
    student: Any, reader: Any, since: date, slugs: Collection[str], form: Template, school: SchoolFacts
) -> dict[str, list[Piece]]:
    rows = list(
        Evidence.objects.filter(
            point__student=student.pk, statement__in=slugs, on__gte=since, removed_at__isnull=True
        ).select_related("by")
    )
    wanted = {(row.source_kind, row.source_pk) for row in rows if row.source_pk}
    entries = goal_sources.readable(student, reader, wanted, school=school)
    found: dict[str, list[Piece]] = defaultdict(list)
    for row in rows:
        entry = entries.get((row.source_kind, row.source_pk or 0))
        found[row.statement].append(
            Piece(
                on=row.on,
                setting=row.get_setting_display(),
                words=row.words,
                by=row.by.name,
                statement=form.statements[row.statement].staff,
                entry=entry,
                hidden=bool(row.source_kind) and entry is None,
            )
        )
    return found


def _judgements(chains: Mapping[int, frozenset[int]]) -> dict[int, Sequence[Judgement]]:
    every = frozenset[int]().union(*chains.values())
    rows = list(
        Judgement.objects.filter(outcome_id__in=every).select_related("by").order_by("-made_on", "-pk")
    )
    return {pk: [row for row in rows if row.outcome_id in chain] for pk, chain in chains.items()}
