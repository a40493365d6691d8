"""What every duty does alike: read the facts of many students, ask one pure rule, and look back for what was missed.

A duty says what is known (`facts`), how it stands (`evaluate`), on which mornings to look back (`mornings`) and in
which words (`state`, a DutyState with a table). There is no second rule for what was missed: `misses` asks the same
`evaluate` on mornings past.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from . import school as schools
from .chunks import students_by_piece
from .duties import DutyProvider, DutyState, Ground, MissFact, Reading
from .posts import charged
from .school import SchoolFacts

A_DAY = timedelta(days=1)


class Duty(DutyProvider):
    kind: str
    name: str
    miss_names: Mapping[str, str]
    rests_on: Mapping[str, str]
    state: ClassVar[type[DutyState]]

    def facts(
        self, students: Sequence[Any], as_of: date, known_on: date | None, school: SchoolFacts
    ) -> Iterable[Hashable]:
        """What is known of each student, in their order, in a fixed number of queries.

        Facts are equal when the rule sees no difference: students alike share one reading.
        """
        raise NotImplementedError

    def evaluate(self, facts: Any, as_of: date, school: SchoolFacts) -> Reading:
        """How it stands at the end of a day. Pure."""
        raise NotImplementedError

    def mornings(self, first: date, as_of: date, school: SchoolFacts) -> Iterable[date]:
        """Days up to `as_of`, in order, whose readings between them hold whatever passed from `first` on."""
        raise NotImplementedError

    def states(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None = None,
        *,
        school: SchoolFacts | None = None,
    ) -> list[Any]:
        school = (school or schools.load()).itself
        ground = Ground(as_of, school, school.policy(as_of))
        read: dict[Hashable, Reading] = {}
        found = []
        for student, facts in zip(students, self.facts(students, as_of, known_on, school), strict=True):
            reading = read.get(facts)
            if reading is None:
                reading = read[facts] = self.evaluate(facts, as_of, school)
            found.append(self.state(ground, student, reading, facts))
        return found

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterator[MissFact]:
        """What `evaluate` says on the mornings after: each thing owed once, by the due date it named first (H7)."""
        school = (school or schools.load()).itself
        first = max(since or school.went_live_on, school.went_live_on)
        mornings = list(self.mornings(first, as_of, school))
        for here in students_by_piece(first, as_of - A_DAY, students) if mornings else ():
            missed: dict[tuple[int, str, date], date] = {}
            for morning in mornings:
                for state in self.states(here, morning, school=school):
                    for passed in state.reading.passed:
                        missed.setdefault((state.student_id, passed.kind, passed.since), passed.due_on)
            for kind in self.miss_names:
                owing = [
                    (student_id, due_on)
                    for (student_id, of, _), due_on in missed.items()
                    if of == kind and first <= due_on < as_of
                ]
                yield from charged(kind, owing, school.calendar)
