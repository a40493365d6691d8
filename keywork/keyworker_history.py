"""Who was keyworker when, for many students in one query each: what a duty and a miss name beside the facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from . import prepared
from .access import shut_out
from .attribution import attribution
from .calendar import SchoolCalendar
from .dates import london_date
from .duties import MissFact
from .known import rows_of
from .models import Assignment, StaffAbsence, User
from .models.assignment import last_day
from .sql import any_of


class KeyworkerPeriod(NamedTuple):
    """Somebody's time as keyworker, both days inclusive."""

    starts_on: date
    ends_on: date | None
    user_id: int
    name: str


def keyworkers(
    ids: Collection[int], first: date, last: date, known_on: date | None = None
) -> dict[int, list[KeyworkerPeriod]]:
    """Who was keyworker of each student at any time from `first` to `last`, in order.

    With `known_on`, as known at the end of that day; two queries then.
    """
    rows = prepared.rows_as_known(known_on, _keyworkers, ids, last)
    people: dict[int, tuple[str, datetime | None]] = {}
    if known_on is not None:
        users = rows_of("keywork.User", known_on).filter(id__in={row[3] for row in rows})
        people = {pk: person for pk, *person in users.values_list("id", "name", "deactivated_at")}
    found: dict[int, list[KeyworkerPeriod]] = {}
    for student_id, starts_on, ends_on, user_id, *person in rows:
        name, closed_at = people.get(user_id, person)
        until = last_day(ends_on, london_date(closed_at) if closed_at else None)
        if until is None or until >= max(starts_on, first):
            found.setdefault(student_id, []).append(KeyworkerPeriod(starts_on, until, user_id, name))
    return found


def _keyworkers(ids: Any, last: date, *, known_on: date | None) -> QuerySet:
    rows = rows_of("keywork.Assignment", known_on).filter(
        any_of("student", ids), kind="keyworker", starts_on__lte=last
    )
    return rows.order_by("student_id", "starts_on").values_list(
        "student_id", "starts_on", "ends_on", "user_id", "user__name", "user__deactivated_at"
    )


def keyworker_on_day(asked: Sequence[tuple[int, date]]) -> dict[tuple[int, date], tuple[int, date]]:
    """For each student and day asked about: the keyworker of that day and since when they were."""
    days = [day for _, day in asked]
    periods = keyworkers({student_id for student_id, _ in asked}, min(days), max(days)) if days else {}
    return {
        (student_id, day): (one.user_id, one.starts_on)
        for student_id, day in asked
        for one in periods.get(student_id, ())
        if one.starts_on <= day and (one.ends_on is None or one.ends_on >= day)
    }


class Holder(NamedTuple):
    """Who is keyworker or mentor of a student on a day, and the last day of their absence of that day."""

    student_id: int
    kind: str
    user_id: int
    name: str
    starts_on: date
    away_until: date | None


def holders_on(student_ids: Collection[int], day: date) -> list[Holder]:
    """Keyworkers and mentors of these students on a day; one query."""
    found: list[Holder] = read_holders_on(student_ids, day).now()
    return found


def read_holders_on(student_ids: Collection[int], day: date) -> prepared.Read:
    """The same, to be read with others."""
    return prepared.Read(_holders_on, student_ids, day, then=_as_holders)


def _as_holders(rows: list[tuple[Any, ...]]) -> list[Holder]:
    return [Holder(*row) for row in rows]


def _holders_on(ids: Any, day: date) -> QuerySet:
    away = StaffAbsence.objects.filter(user=OuterRef("user"), starts_on__lte=day, ends_on__gte=day)
    assignments = Assignment.objects.current(day).filter(
        any_of("student", ids), kind__in=[Assignment.Kind.KEYWORKER, Assignment.Kind.MENTOR]
    )
    away_until = Subquery(away.order_by("-ends_on").values("ends_on")[:1])
    return (
        assignments.order_by()
        .annotate(away_until=away_until)
        .values_list("student_id", "kind", "user_id", "user__name", "starts_on", "away_until")
    )


def attributed(kind: str, missed: Sequence[tuple[int, date]], calendar: SchoolCalendar) -> Iterator[MissFact]:
    """Due dates that passed unmet, of a duty counted in school days, each with whose miss it is (H7).

    Unassigned with nobody in post, in handover with less than ten pupil days in post, missed otherwise.
    """
    in_charge = keyworker_on_day(missed)
    for student_id, due_on in missed:
        keyworker_id, since = in_charge.get((student_id, due_on), (None, None))
        whose = attribution(due_on, since, calendar)
        yield MissFact(kind, student_id, due_on, "missed" if whose == "keyworker" else whose, keyworker_id)


def keyworker_names(on: date, students: Iterable[int] | None = None) -> dict[int, tuple[int, str]]:
    """The keyworker of each student on a day, as user id and name; of all students by default. One query."""
    assignments = Assignment.objects.keyworkers(on).order_by()
    if students is not None:
        assignments = assignments.filter(any_of("student", list(students)))
    return {
        pk: (user, name) for pk, user, name in assignments.values_list("student_id", "user_id", "user__name")
    }


def keyworker_name(on: date, student_id: int) -> str:
    """Of one student; "" where nobody is."""
    return keyworker_names(on, [student_id]).get(student_id, (0, ""))[1]


def reachable(kind: str, on: date, students: Iterable[int]) -> dict[int, User]:
    """Who holds a post for each of these students and may be written to: active, never the student's own family."""
    assignments = list(
        Assignment.objects.current(on)
        .filter(kind=kind, student__in=list(students), user__is_active=True)
        .select_related("user")
    )
    family = shut_out({assignment.user for assignment in assignments})
    return {
        assignment.student_id: assignment.user
        for assignment in assignments
        if (assignment.user_id, assignment.student_id) not in family
    }
