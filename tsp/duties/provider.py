"""TSP as a duty: the baseline or the review of the term, whichever matters on the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from keywork.calendar import Span, Term
from keywork.providers import Duty
from keywork.school import SchoolFacts

from .. import dues
from ..dues import Done, TspFacts
from .facts import Rated, away_of_leavers, days_done, windows_of_term
from .state import KIND, TspGround, TspState


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
    ground = TspGround
    evaluate = staticmethod(dues.evaluate)

    def spans(self, school: SchoolFacts) -> Sequence[Term]:
        return school.calendar.terms

    def joined_long_ago(self, ground: TspGround) -> date:
        term = dues.term_shown(ground.as_of, ground.school.calendar)
        return dues.joined_long_ago(term, ground.as_of, ground.policy, ground.school.calendar)

    def facts(self, students: Sequence[Any], ground: TspGround, known_on: date | None) -> Iterator[TspFacts]:
        """Three queries at most."""
        as_of, calendar = ground.as_of, ground.school.calendar
        term = dues.term_shown(as_of, calendar)
        earlier: Mapping[int, set[date]] = {}
        away: Mapping[int, tuple[Span, ...]] = {}
        if term is not None and students:
            ids = [one.pk for one in students]
            ground.windows, earlier = windows_of_term(ids, term, as_of, known_on)
            away = away_of_leavers(students, term, as_of, known_on)
        baselines, reviews = ground.windows[dues.BASELINE], ground.windows[dues.REVIEW]
        long_ago = self.joined_long_ago(ground)
        for one in students:
            pk, joined_on = one.pk, max(one.joined_on, long_ago)
            done = Done(days_done(baselines.get(pk), earlier), days_done(reviews.get(pk), earlier))
            yield TspFacts(joined_on, one.left_on, one.known_from, done, away.get(pk, ()))

    def explain(self, ground: TspGround, states: Sequence[TspState], known_on: date | None) -> None:
        facts = [state.window_fact for state in states]
        ground.rated = Rated([fact.pk for fact in facts if fact and fact.is_open], ground.as_of, known_on)
