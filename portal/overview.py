"""Oversight's rows: every student on roll with their keyworker and what is owed, worked out once a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from keywork import duties
from keywork.access import Can
from keywork.duties import DutyState
from keywork.models import Assignment
from keywork.school import SchoolFacts
from students.models import Student

from .owed import is_due_by, is_overdue, most_urgent, week_ends_on

# What the pages show and what a duty needs to know of a student.
FIRST_CONTACT = "home_contact"  # the duty whose `first` means that home has never heard from us
NOTHING_OWED = (99, 1, 0)
SHOWN = ("known_as", "surname", "nc_year", "placement", "joined_on", "left_on")


@dataclass(slots=True)
class Row:
    """One student: `states` in the order of the providers."""

    student: Student
    keyworker_id: int | None
    keyworker: str
    states: Sequence[DutyState]
    urgency: tuple[int, int, int]
    groups: frozenset[str]

    @property
    def places(self) -> dict[str, tuple[int, int, int]]:
        """Where the student stands when the table is sorted by one duty."""
        return {state.kind: state.urgency for state in self.states}


# The counters, which are also the first filter: key, words for one, words for more, how loud.
GROUPS = {
    "overdue": ("student with something overdue", "students with something overdue", "overdue"),
    "week": ("student with something due this week", "students with something due this week", "soon"),
    "nobody": ("student without a keyworker", "students without a keyworker", ""),
    "over_cap": ("keyworker above {cap} students", "keyworkers above {cap} students", ""),
    "never": ("student whose home has not heard from us yet", "students whose homes have not heard from us yet", ""),
}


@dataclass(frozen=True, slots=True)
class Overview:
    rows: Sequence[Row]
    counts: Mapping[str, int]  # group to number of students
    keyworkers_over_cap: int
    cap: int | None


def overview(user: Any, today: date, school: SchoolFacts) -> Overview:
    """Everyone on roll whom `user` may oversee, most urgent first; queries do not grow with the school."""
    cap = school.policy(today).caseload_cap
    students = list(Student.objects.visible_to(user, Can.VIEW_LOG).on_roll(today).order_by("surname", "known_as", "pk").only(*SHOWN))
    in_post = {
        student_id: (user_id, name)
        for student_id, user_id, name in Assignment.objects.current(today)
        .filter(
            Q(student__left_on__isnull=True) | Q(student__left_on__gte=today),
            kind=Assignment.Kind.KEYWORKER,
            student__joined_on__lte=today,
        )
        .order_by()
        .values_list("student_id", "user_id", "user__name")
    }
    loads = Counter(user_id for user_id, _ in in_post.values())
    over_cap = {user_id for user_id, load in loads.items() if cap is not None and load > cap}
    states = duties.states_for(students, today, school=school)
    sunday = week_ends_on(today)
    rows = []
    for student in students:
        keyworker_id, name = in_post.get(student.pk, (None, ""))
        owed = states[student.pk]
        groups = set()
        if any(is_overdue(state) for state in owed):
            groups.add("overdue")
        if any(is_due_by(state, sunday) for state in owed):
            groups.add("week")
        if keyworker_id is None:
            groups.add("nobody")
        elif keyworker_id in over_cap:
            groups.add("over_cap")
        if any(state.first and state.kind == FIRST_CONTACT for state in owed):
            groups.add("never")
        urgency = most_urgent(owed).urgency if owed else NOTHING_OWED
        rows.append(Row(student, keyworker_id, name, owed, urgency, frozenset(groups)))
    rows.sort(key=lambda row: row.urgency)
    counts = Counter(group for row in rows for group in row.groups)
    return Overview(rows, {group: counts[group] for group in GROUPS}, len(over_cap), cap)
