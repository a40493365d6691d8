"""What every duty does alike: read the facts of many students, ask one pure rule, and look back for what was missed.

A duty says what is known (`known`, in the shape of `fact`), how it stands (`evaluate`), in which `spans` it is owed and
in which words (`state`, a DutyState with a table). There is no second rule for what was missed: `missed` asks the same
`evaluate` on mornings past; a duty whose due dates follow each student's own clock asks it on mornings of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple

from . import school as schools
from .chunks import students_by_piece
from .duties import A_DAY, DutyContext, DutyResult, DutyResults, DutyState, MissFact
from .keyworker_history import attributed
from .prepared import Read, few_together
from .school import SchoolFacts


class Begun(NamedTuple):
    """An answer of one duty, of which the database is still to be asked."""

    duty: Duty
    context: DutyContext
    reads: Sequence[Read]

    def of(self, found: Sequence[Any]) -> DutyResults:
        """The answer, once it was: `found` is what the reads found."""
        as_of, school = self.context.as_of, self.context.school
        alike: dict[Hashable, DutyResult] = {}
        results = []
        for known in self.duty.facts(self.context, *found):
            result = alike.get(known)
            if result is None:
                facts = self.duty.fact(*known)
                result = alike[known] = self.duty.evaluate(facts, as_of, school)
                result.facts = facts
            results.append(result)
        return DutyResults(self.duty, self.context, results)


class Duty:
    kind: str
    name: str  # "Home contact", as a column head
    # The kinds of MissFact it finds, each as people say it; none: what passes unmet is not kept.
    miss_names: Mapping[str, str] = {}
    # History tables a change of which can undo a miss, each with its student column.
    rests_on: Mapping[str, str] = {}
    fact: ClassVar[Callable[..., Any]]  # of joined_on, left_on, known_from and what is `known`, in this order
    state: ClassVar[type[DutyState]]
    context: ClassVar[type[DutyContext]] = DutyContext

    def reads(self, context: Any) -> Sequence[Read]:
        """What it asks the database of the students of the context, however many: a page asks that of all duties in one query."""
        return ()

    def known(self, context: Any, *found: Any) -> Mapping[int, Sequence[Any]]:
        """What the rule is to know of each student beside their stay on roll, of what its `reads` found.

        Students of whom nothing is known may be left out. What only the words need is laid on the context.
        """
        raise NotImplementedError

    def joined_long_ago(self, context: Any) -> date:
        """How long before this day somebody joined makes no difference to the rule."""
        year = context.school.calendar.year_shown(context.as_of)
        return year.starts_on if year else date.min

    def facts(self, context: Any, *found: Any) -> Iterable[tuple[Hashable, ...]]:
        """What the rule is to know of each student, in their order, as `fact` takes it: equal when it sees no
        difference. `found` is what its `reads` found; nothing, where there are none."""
        known = self.known(context, *found) if context.students else {}
        long_ago = self.joined_long_ago(context)
        for pk, one in zip(context.ids, context.students, strict=True):
            joined_on = one.joined_on
            if joined_on < long_ago:
                joined_on = long_ago
            yield (joined_on, one.left_on, one.known_from, *known.get(pk, ()))

    def evaluate(self, facts: Any, as_of: date, school: SchoolFacts) -> DutyResult:
        """How it stands at the end of a day. Pure."""
        raise NotImplementedError

    def explain(self, context: Any, states: Sequence[Any]) -> None:
        """Lay on the context what the words of these states need beside the facts, to be read with the first of them."""

    def spans(self, school: SchoolFacts) -> Sequence[Any]:
        """The years or terms in which it is owed, each with `starts_on` and `ends_on`, oldest first."""
        return school.calendar.years

    def reminders(
        self, states: Sequence[Any], as_of: date, *, school: SchoolFacts | None = None
    ) -> dict[int, str]:
        """What there is to say besides (C11): a sentence or two of the few that have one, in one query at most."""
        return {}

    def results(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None = None,
        *,
        school: SchoolFacts | None = None,
    ) -> DutyResults:
        """As `states`, without the words: for many students of whom few are shown."""
        begun = self.begin(students, as_of, known_on, school or schools.load())
        return begun.of(few_together(begun.reads))

    def begin(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None,
        school: SchoolFacts,
        *,
        is_page: bool = False,
    ) -> Begun:
        """As `results`, up to what is to be asked of the database."""
        school = school.itself
        ids, policy = [one.pk for one in students], school.policy(as_of)
        context = self.context(as_of, school, policy, students, ids, known_on, is_page=is_page)
        return Begun(self, context, self.reads(context) if students else ())

    def states(
        self,
        students: Sequence[Any],
        as_of: date,
        known_on: date | None = None,
        *,
        school: SchoolFacts | None = None,
    ) -> list[Any]:
        """One state per student, in the same order, in a fixed number of queries.

        Students are instances or rows with `pk`, `joined_on`, `left_on`, `known_from` and `known_as`. `known_on`
        asks for what was known at the end of that day (keywork.known). `school` saves loading it again.
        """
        return self.results(students, as_of, known_on, school=school).states(range(len(students)))

    def misses(
        self,
        as_of: date,
        since: date | None = None,
        *,
        school: SchoolFacts | None = None,
        students: Iterable[int] | None = None,
    ) -> Iterator[MissFact]:
        """Every due date from `since` (default: ever) to the day before `as_of` that passed unmet.

        Over all students, those who left included, or over the ids given; each of their stays on roll by itself.
        """
        if not self.miss_names:
            return
        school = (school or schools.load()).itself
        first = max(since or school.went_live_on, school.went_live_on)
        for some in students_by_piece(first, as_of - A_DAY, students):
            yield from self.missed(some, first, as_of, school)

    def missed(
        self, students: Sequence[Any], first: date, as_of: date, school: SchoolFacts
    ) -> Iterator[MissFact]:
        """What `evaluate` says on the mornings after: each thing owed once, by the due date it named first (H7)."""
        missed: dict[tuple[int, str, date], date] = {}
        for morning in self._mornings(first, as_of, school):
            for state in self.states(students, morning, school=school):
                for passed in state.result.passed:
                    missed.setdefault((state.student_id, passed.kind, passed.since), passed.due_on)
        for kind in self.miss_names:
            owing = [
                (student_id, due_on)
                for (student_id, of, _), due_on in missed.items()
                if of == kind and first <= due_on < as_of
            ]
            yield from attributed(kind, owing, school.calendar)

    def _mornings(self, first: date, as_of: date, school: SchoolFacts) -> Iterator[date]:
        """Of each span the morning after its last day, and the last under a policy that was changed in it."""
        for span in self.spans(school):
            if span.starts_on < as_of and span.ends_on >= first:
                after = min(span.ends_on + A_DAY, as_of)
                changed = [on - A_DAY for on, _ in school.policies if span.starts_on < on <= after]
                yield from dict.fromkeys([*changed, after])
