"""Sharing out what one person holds: the posts, and whom each could go to, with the reason (domain 5.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from keywork import caseload, clock
from keywork.absences import away_until
from keywork.actions.assignments import A_DAY, ONE_AT_A_TIME, caseloads
from keywork.caseload import How, Suggested, Tie, Wanted, Worker, days_in_words
from keywork.dates import day_in_full
from keywork.models import Assignment, User
from keywork.words import worded
from students.models import FamilyLink, Student

from .board import keyworkers

Kind = Assignment.Kind
ORDER = {Kind(kind): place for place, kind in enumerate(caseload.PLACED)}
# How a student knows whoever holds a post; a keyworker only once it is over.
TIES: dict[str, How] = {
    Kind.KEYWORKER: How.BEFORE,
    Kind.DEPUTY: How.DEPUTY,
    Kind.MENTOR: How.MENTOR,
    Kind.CORE: How.CORE,
}
# Whoever stopped being a keyworker for these is not suggested again.
NOT_AGAIN = (Assignment.Reason.STUDENT_REQUEST, Assignment.Reason.RELATIONSHIP)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody for one post, and why; nobody where nobody has room."""

    user: User | None
    why: str

    @property
    def in_words(self) -> str:
        if self.user is None:
            return f"Nobody is suggested: {self.why[0].lower()}{self.why[1:]}."
        return f"Suggested: {self.user.name}, {self.why}."


def assignments_to_move(person: User, on: date) -> QuerySet[Assignment]:
    """What the person holds as the only one, and would leave empty on a day: keyworker, deputy, mentor.

    A post that ends before that day counts too, while nobody follows. Those of closed accounts are included.
    """
    followed = Assignment.objects.filter(
        student=OuterRef("student"), kind=OuterRef("kind"), starts_on__gt=OuterRef("starts_on")
    )
    return (
        Assignment.objects.filter(user=person, kind__in=ONE_AT_A_TIME, starts_on__lte=on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=min(on, clock.today())))
        .filter(Q(student__left_on__isnull=True) | Q(student__left_on__gte=on))
        .filter(~Exists(followed.filter(starts_on__lte=on)))
        .select_related("student", "user")
        .order_by("student__in_order", "student_id")
    )


def covered_words(person: User) -> str:
    """ " Two of their students are covered until …", of somebody whose cover goes on, with what to do; "" otherwise."""
    back = Assignment.objects.filter(
        user=person, reason=Assignment.Reason.STAFF_ABSENCE, starts_on__gt=clock.today()
    )
    days = list(back.values_list("starts_on", "student").distinct().order_by("starts_on"))
    if not days:
        return ""
    count, last = len({student for _, student in days}), day_in_full(days[-1][0] - A_DAY, clock.today())
    number = "One" if count == 1 else str(count)
    return (
        f" {number} of their {worded('students')} {'is' if count == 1 else 'are'} covered until {last}. "
        "If they are back sooner, take back those plans under Assignments and name them again."
    )


def in_order(assignments: Iterable[Assignment]) -> list[Assignment]:
    """Keyworker posts first, then deputy's, then mentor's; by name within each."""
    return sorted(assignments, key=lambda assignment: ORDER[Kind(assignment.kind)])


def suggest(
    assignments: Sequence[Assignment], person: User, on: date, cap: int | None
) -> Mapping[int, Suggestion]:
    """Post id to a suggestion, where one person's posts are shared out. In a fixed number of queries."""
    wanted = [
        Wanted(assignment.pk, assignment.student_id, assignment.kind) for assignment in in_order(assignments)
    ]
    return _suggest(wanted, on, cap, leaving={person.pk})


def suggest_keyworkers(students: Sequence[Student], on: date, cap: int | None) -> Mapping[int, Suggestion]:
    """Student id to a suggestion for their keyworker from a day on, another one than they have; as `suggest`."""
    return _suggest([Wanted(one.pk, one.pk, Kind.KEYWORKER) for one in students], on, cap)


def _suggest(
    wanted: Sequence[Wanted], on: date, cap: int | None, leaving: Collection[int] = ()
) -> Mapping[int, Suggestion]:
    if not wanted:
        return {}
    students = {one.student for one in wanted}
    assignments = list(
        Assignment.objects.filter(student__in=students, starts_on__lte=on, kind__in=TIES)
        .with_last_day()
        .select_related("user")
        .order_by("starts_on", "pk")
    )
    kinds = {one.key: Kind(one.kind) for one in wanted}
    loads: dict[str, Mapping[int, int]] = {
        kind: caseloads(on, kind=kind) for kind in {*kinds.values(), Kind.KEYWORKER}
    }
    workers = _workers(loads.get(Kind.MENTOR))
    known = bool(workers[Kind.KEYWORKER] or leaving)
    people = {
        row.pk: row
        for row in [
            *(assignment.user for assignment in assignments),
            *(one for of in workers.values() for one in of),
        ]
    }
    family = FamilyLink.objects.filter(
        student__in=students, ended_on__isnull=True, member__user__isnull=False
    )
    ties: list[Tie] = []
    now = []
    for assignment in assignments:
        if assignment.last_day is not None and assignment.last_day < on:
            if assignment.kind == Kind.KEYWORKER and assignment.end_reason not in NOT_AGAIN:
                ties.insert(
                    0, Tie(assignment.student_id, assignment.user_id, How.BEFORE, assignment.last_day)
                )  # the last is first
        elif assignment.kind == Kind.KEYWORKER:
            now.append((assignment.student_id, assignment.user_id))
        else:
            ties.append(
                Tie(assignment.student_id, assignment.user_id, TIES[assignment.kind], assignment.starts_on)
            )
    found = caseload.suggest(
        wanted,
        [tie for tie in ties if people[tie.user].is_active and people[tie.user].is_school_staff],
        {kind: [Worker(one.pk, one.days_a_week) for one in of] for kind, of in workers.items()},
        loads,
        {pk: one.own_cap(cap) for pk, one in people.items()},
        keyworkers=now,
        never={*leaving, *away_until(on)},
        family=set(family.values_list("student_id", "member__user_id")) | _theirs(wanted, now),
    )
    return {
        key: Suggestion(people[one.user] if one.user else None, _why(one, kinds[key], people, cap, known))
        for key, one in found.items()
    }


def _theirs(wanted: Sequence[Wanted], now: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Whoever is a student's keyworker already is not suggested as their next."""
    asked = {one.student for one in wanted if one.kind == Kind.KEYWORKER}
    return {(student, user) for student, user in now if student in asked}


def _workers(mentors: Mapping[int, int] | None) -> dict[str, list[User]]:
    """Who may be suggested unknown: keyworkers who still work here; as mentor, where it is asked for, whoever is one."""
    kept = [row for row in keyworkers() if row.is_active and row.was_keyworker]
    found: dict[str, list[User]] = {Kind.KEYWORKER: kept, Kind.DEPUTY: kept}
    if mentors is not None:
        active = User.objects.filter(pk__in=mentors, is_active=True)
        found[Kind.MENTOR] = list(active.order_by("in_order", "pk"))
    return found


def _why(found: Suggested, kind: str, people: Mapping[int, User], cap: int | None, known: bool) -> str:
    """`known`: there is somebody who could be asked at all."""
    if found.user is None:
        return "Nobody has room" if known else worded("Nobody is a keyworker yet")
    if found.day is not None:
        day = day_in_full(found.day, clock.today())
        if found.how is How.BEFORE:
            return f"{worded('keyworker')} until {day}"
        word = "core team" if found.how is How.CORE else Kind(found.how.value).label.lower()
        why = f"{word} since {day}"
    else:
        why = {
            Kind.KEYWORKER: worded("fewest students") if cap is None else "most room",
            Kind.DEPUTY: "deputy for the fewest",
            Kind.MENTOR: "mentor of the fewest",
        }[Kind(kind)]
    user = people[found.user]
    if kind != Kind.KEYWORKER or not user.is_part_time:
        return why
    own = user.own_cap(cap)
    days = days_in_words(user.days_a_week)
    return f"{why}. {user.get_short_name()} works {days}" + (f", so {own} is full" if own is not None else "")
