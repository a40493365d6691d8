"""TSP as a duty: the baseline or the review of the term, whichever matters on the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from keywork import prepared
from keywork.calendar import Span, Term
from keywork.providers import Duty
from keywork.school import SchoolFacts

from .. import deadlines
from ..deadlines import Done, TspFacts
from .facts import Points, Rated, away_of_leavers, days_done, points_of_term
from .state import KIND, TspContext, TspState


class TspDuty(Duty):
    kind = KIND
    name = "TSP"
    miss_names = {"tsp_baseline": "TSP baseline", "tsp_review": "TSP review"}
    rests_on = {
        "tsp_windowevent": "student_id",
        "students_absenceevent": "student_id",
        "students_studentevent": "id",
    }
    state = TspState
    context = TspContext
    evaluate = staticmethod(deadlines.evaluate)

    @staticmethod
    def fact(
        joined_on: date,
        left_on: date | None,
        known_from: date | None,
        baseline: tuple[date, ...],
        review: tuple[date, ...],
        away: tuple[Span, ...],
    ) -> TspFacts:
        return TspFacts(joined_on, left_on, known_from, Done(baseline, review), away)

    def spans(self, school: SchoolFacts) -> Sequence[Term]:
        return school.calendar.terms

    def joined_long_ago(self, context: TspContext) -> date:
        term = deadlines.term_shown(context.as_of, context.school.calendar)
        return deadlines.joined_long_ago(term, context.as_of, context.policy, context.school.calendar)

    def reads(self, context: TspContext) -> Sequence[prepared.Read]:
        """Two at most."""
        as_of = context.as_of
        term = deadlines.term_shown(as_of, context.school.calendar)
        if term is None:
            return ()
        points = points_of_term(context.ids, term, as_of, context.known_on)
        away = away_of_leavers(context.students, term, as_of, context.known_on)
        return (points,) if away is None else (points, away)

    def facts(
        self,
        context: TspContext,
        points: Points | None = None,
        away: Mapping[int, tuple[Span, ...]] = MappingProxyType({}),
    ) -> Iterator[tuple[Any, ...]]:
        context.points = points or context.points
        baselines, reviews = context.points[deadlines.BASELINE], context.points[deadlines.REVIEW]
        long_ago = self.joined_long_ago(context)
        for one in context.students:
            pk, joined_on = one.pk, one.joined_on
            if joined_on < long_ago:
                joined_on = long_ago
            baseline, review = days_done(baselines.get(pk)), days_done(reviews.get(pk))
            yield joined_on, one.left_on, one.known_from, baseline, review, away.get(pk, ())

    def explain(self, context: TspContext, states: Sequence[TspState]) -> None:
        facts = [state.point_fact for state in states]
        still = [fact.pk for fact in facts if fact and fact.is_open]
        context.rated = Rated(still, context.as_of, context.known_on)
