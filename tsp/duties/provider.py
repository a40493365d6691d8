"""TSP as a duty: the baseline or the review of the term, whichever matters on the day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from keywork.calendar import Span, Term
from keywork.providers import Duty
from keywork.school import SchoolFacts

from .. import dues
from ..dues import TspFacts
from .facts import Pair, away_of_leavers, windows_of_term
from .state import KIND, TspState


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
    evaluate = staticmethod(dues.evaluate)

    def spans(self, school: SchoolFacts) -> Sequence[Term]:
        return school.calendar.terms

    def facts(
        self, students: Sequence[Any], as_of: date, known_on: date | None, school: SchoolFacts
    ) -> Iterator[TspFacts]:
        """Three queries at most."""
        calendar = school.calendar
        term = dues.term_shown(as_of, calendar)
        windows: Mapping[int, Pair] = {}
        away: Mapping[int, tuple[Span, ...]] = {}
        if term is not None and students:
            windows = windows_of_term([one.pk for one in students], term, as_of, known_on)
            away = away_of_leavers(students, term, as_of, known_on)
        # How long before the calendar somebody joined makes no difference.
        earliest = calendar.blocks[0].starts_on - dues.LONGEST_HOLIDAY if calendar.blocks else date.min
        for one in students:
            baseline, review = windows.get(one.pk, (None, None))
            joined_on = max(one.joined_on, min(earliest, as_of))
            yield TspFacts(joined_on, one.left_on, one.known_from, baseline, review, away.get(one.pk, ()))
