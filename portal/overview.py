"""Oversight's rows: every student on roll with their keyworker and what is owed, worked out once a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from keywork import duties, prepared
from keywork.access import Can, scope_q
from keywork.addresses import numbered
from keywork.caseload import FULL_WEEK, own_cap
from keywork.duties import DutyResult, DutyResults, DutyState
from keywork.models import Assignment, User
from keywork.replica import Read, directly
from keywork.school import SchoolFacts
from keywork.templatetags.kw import badge
from keywork.words import worded_lazy
from students.filters import year_label
from students.models import Student
from students.models.student import PLACEMENTS

from .due_summary import NOTHING_OWED, is_overdue, result_due_by, week_ends_on

FIRST_CONTACT = "home_contact"  # the duty whose `first` means that home has never heard from us
NOBODY: tuple[int | None, str] = (None, "")
NONE, OVERDUE, WEEK, NEVER, NOBODY_NAMED, ABOVE_CAP = (
    frozenset(keys) for keys in ((), ("overdue",), ("week",), ("never",), ("nobody",), ("over_cap",))
)


class StudentLine(NamedTuple):
    """A student as a plain row: at 2,000 of them, model instances would cost a third of the page."""

    pk: int
    known_as: str
    surname: str
    nc_year: str
    placement: str
    joined_on: date
    left_on: date | None
    known_from: date | None
    sen_status: str

    @property
    def name(self) -> str:
        return f"{self.known_as} {self.surname}".strip()

    @property
    def url(self) -> str:
        return numbered("students:record").format(self.pk)

    @property
    def year_label(self) -> str:
        return year_label(self.nc_year)

    @property
    def placement_label(self) -> str:
        return PLACEMENTS[self.placement]


class Cell(NamedTuple):
    """One state as the table shows it, in few pieces, which its template unpacks: a page has 250."""

    name: SafeString
    is_plain: bool
    badge: SafeString
    reasons: Sequence[str]  # none where it is plain
    note: str


def cells(rows: Sequence[OverviewRow]) -> Iterator[list[Cell]]:
    """Of each row that has its states, its cells."""
    names = {state.name: conditional_escape(state.name) for row in rows for state in row.states}
    for row in rows:
        yield [
            Cell(
                names[state.name],
                plain := state.is_plain,
                badge(state.level, state.label),
                () if plain else state.reasons,
                state.note,
            )
            for state in row.states
        ]


@dataclass(slots=True)
class OverviewRow:
    """One student. `states`, in the order of the providers, are there once it is to be shown (Overview.add_states)."""

    student: StudentLine
    keyworker_id: int | None
    keyworker: str
    place: int  # among the students of the overview
    urgency: tuple[int, int, int]
    urgencies: Sequence[tuple[int, int, int]]  # of each duty
    groups: frozenset[str]
    states: Sequence[DutyState] = ()
    away: str = ""  # "Away until …", of a keyworker who is

    @property
    def places(self) -> dict[str, tuple[int, int, int]]:
        """Where the student stands when the table is sorted by one duty."""
        kinds = [provider.kind for provider in duties.providers()]
        return dict(zip(kinds, self.urgencies, strict=True))


# The counters, which are also the first filter: key, words for one, words for more, how loud.
GROUPS = {
    "overdue": (
        worded_lazy("student with something overdue"),
        worded_lazy("students with something overdue"),
        "overdue",
    ),
    "week": (
        worded_lazy("student with something due this week"),
        worded_lazy("students with something due this week"),
        "soon",
    ),
    "nobody": (worded_lazy("student without a keyworker"), worded_lazy("students without a keyworker"), ""),
    "over_cap": (
        worded_lazy("keyworker above their limit"),
        worded_lazy("keyworkers above their limit"),
        "",
    ),
    "never": (
        worded_lazy("student whose home has not heard from us yet"),
        worded_lazy("students whose homes have not heard from us yet"),
        "",
    ),
}


@dataclass(frozen=True, slots=True)
class Overview:
    rows: Sequence[OverviewRow]
    counts: Mapping[str, int]  # group to number of students
    keyworkers_over_cap: int
    cap: int | None
    results: Sequence[DutyResults]  # in the order of the providers

    def add_states(self, rows: Sequence[OverviewRow]) -> None:
        """Give these rows their states: of a whole school few are shown."""
        places = [row.place for row in rows]
        found = [of_duty.states(places) for of_duty in self.results]
        for row, states in zip(rows, zip(*found, strict=True), strict=True):
            row.states = states


def _keyworkers(today: date) -> dict[int, tuple[int, str]]:
    """Student id to who is in post, of those on roll."""
    assignments = Assignment.objects.keyworkers(today).filter(
        Q(student__left_on__isnull=True) | Q(student__left_on__gte=today), student__joined_on__lte=today
    )
    found = assignments.order_by().values_list("student_id", "user_id", "user__name")
    return {student_id: (user_id, name) for student_id, user_id, name in found}


def _part_time() -> QuerySet[Any]:
    return User.objects.filter(days_a_week__lt=FULL_WEEK).order_by().values_list("pk", "days_a_week")


def overview(user: Any, today: date, school: SchoolFacts, read: Read = directly) -> Overview:
    """Everyone on roll whom `user` may oversee, most urgent first; queries do not grow with the school.

    `read` is keywork.replica's, for what is no page: who may be overseen is asked of the database all the same.
    """
    on_roll = Student.objects.on_roll(today).filter(scope_q(user, Can.VIEW_LOG, on=today))
    students = [
        StudentLine._make(row) for row in on_roll.order_by("in_order", "pk").values_list(*StudentLine._fields)
    ]
    return read(lambda: _overview_of(students, today, school))


def _overview_of(students: Sequence[StudentLine], today: date, school: SchoolFacts) -> Overview:
    policy = school.policy(today)
    cap = policy.caseload_cap
    begun = [provider.begin(students, today, None, school, is_page=False) for provider in duties.providers()]
    found = iter(prepared.few_together([read for one in begun for read in one.reads]))
    results = [one.of([next(found) for _ in one.reads]) for one in begun]
    in_post = _keyworkers(today)
    loads = Counter([user_id for user_id, _ in in_post.values()])
    part_time = dict(prepared.rows(_part_time))
    caps = {user_id: own_cap(cap, part_time.get(user_id, FULL_WEEK)) for user_id in loads}
    over_cap = {user_id for user_id, load in loads.items() if load > (caps[user_id] or load)}
    rows = []
    for place, (student, urgencies, groups) in enumerate(zip(students, *_stand(results, today), strict=True)):
        keyworker_id, name = in_post.get(student.pk, NOBODY)
        if keyworker_id is None:
            groups |= NOBODY_NAMED if policy.gives_keyworker(student.sen_status) else NONE
        elif keyworker_id in over_cap:
            groups |= ABOVE_CAP
        most_urgent = min(urgencies, default=NOTHING_OWED)
        rows.append(OverviewRow(student, keyworker_id, name, place, most_urgent, urgencies, groups))
    rows.sort(key=attrgetter("urgency"))
    counts = Counter(chain.from_iterable([row.groups for row in rows]))
    return Overview(rows, {group: counts[group] for group in GROUPS}, len(over_cap), cap, results)


def _stand(
    results: Sequence[DutyResults], today: date
) -> tuple[list[tuple[tuple[int, int, int], ...]], list[frozenset[str]]]:
    """Of each student how urgent each duty is, and the groups they are in by what they owe.

    The results of most are alike, and each of them is looked at once.
    """
    week = week_ends_on(today)
    urgencies, groups = [], []
    for of_duty in results:
        tells_first = of_duty.duty.kind == FIRST_CONTACT
        looked = {one: (one.urgency, _groups(one, today, week, tells_first)) for one in set(of_duty.of)}
        urgencies.append([looked[one][0] for one in of_duty.of])
        groups.append([looked[one][1] for one in of_duty.of])
    each = list(zip(*groups, strict=True))
    together = {some: NONE.union(*some) for some in set(each)}
    return list(zip(*urgencies, strict=True)), [together[some] for some in each]


def _groups(result: DutyResult, today: date, week: date, tells_first: bool) -> frozenset[str]:
    if is_overdue(result):
        found = OVERDUE
    else:
        found = WEEK if result_due_by(result, today, week) else NONE
    return found | NEVER if tells_first and result.first else found
