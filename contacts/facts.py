"""The facts the duties stand on, for many students at once: each function is one query however many they are.

`known_on` asks for what was known at the end of that day (`keywork.known`); without it, all that is known now counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import (
    Count,
    DateField,
    Exists,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Concat

from contacts.clock import channels
from contacts.home_contact import HomeHistory, LastContact, LoggedContact
from contacts.models import HomeContact
from contacts.sessions import LoggedSession
from keywork import prepared
from keywork.calendar import Span, spans_by_student
from keywork.known import rows_of
from keywork.policy import Policy
from keywork.sql import any_of
from students.models import Student

OF_LATE = timedelta(days=21)


def standing(known_on: date | None) -> Q:
    """Not crossed out (C17). What was loaded with its later history in it stood and waited until the day that says."""
    stands = Q(voided_on__isnull=True)
    return stands if known_on is None else stands | Q(voided_on__gt=known_on)


def approved(known_on: date | None) -> Q:
    """Logged soon enough, or approved (C10)."""
    by_then = Q(approved_on__isnull=False) if known_on is None else Q(approved_on__lte=known_on)
    return Q(needs_approval=False) | by_then


def counting(policy: Policy, known_on: date | None) -> Q:
    """The contacts that stop the clock: `clock.qualifies` as a condition (C6), of those that stand and are approved."""
    outcomes = ["two_way"]
    if policy.contact_one_way_counts:
        outcomes.append("delivered")
    if policy.contact_voicemail_counts:
        outcomes.append("voicemail")
    qualifies = Q(outcome__in=outcomes, channel__in=sorted(channels(policy)), person_marked=True)
    return qualifies & standing(known_on) & approved(known_on)


def last_contacts(
    ids: Collection[int], as_of: date, policy: Policy, closure: Span | None = None
) -> prepared.Read:
    """For each student with any, the latest contact by the end of `as_of` that counts.

    Most had one of late, and those are read at once; of the others it is an index probe a student.
    """
    asks_more = closure is not None or policy.contact_two_way_max_gap_days is not None
    late_from = None if asks_more else as_of - OF_LATE
    days = (as_of, late_from, *(closure or (None, None)))
    return prepared.Read(_last_contacts, ids, *days, policy=policy, then=_latest)


def _latest(rows: list[tuple[Any, ...]]) -> dict[int, LastContact]:
    # Of a whole school few are different.
    last = {row[1:]: _last_contact(*row[1:]) for row in rows if row[1] is not None}
    return {row[0]: last[row[1:]] for row in rows if row[1] is not None}


def _last_contact(said: str, made: int | None, two_way_on: date | None) -> LastContact:
    on, _, outcome = said.partition(" ")
    return LastContact(date.fromisoformat(on), outcome, made or 0, two_way_on)


def _last_contacts(
    ids: Any,
    as_of: date,
    late_from: date | None,
    closed_from: date | None,
    closed_to: date | None,
    *,
    policy: Policy,
) -> QuerySet:
    # Day and outcome in one text, as a subquery has one column, and two would be two probes.
    said = Concat(Cast("happened_on", TextField()), Value(" "), "outcome", output_field=TextField())
    none: Any = Value(None, DateField())
    counting_ones = HomeContact.objects.filter(counting(policy, None), happened_on__lte=as_of)
    counted = counting_ones.filter(student=OuterRef("pk"))
    latest = counted.order_by("-happened_on", "-outcome").values(said=said)[:1]
    students = Student.objects.filter(any_of("pk", ids)).order_by().annotate(last=Subquery(latest))
    if late_from is not None:
        of_late = counting_ones.filter(any_of("student", ids), happened_on__gte=late_from)
        newest = of_late.order_by("student", "-happened_on", "-outcome").distinct("student")
        others = students.exclude(Exists(counted.filter(happened_on__gte=late_from)))
        return newest.values_list("student", said, Value(0), none).union(
            others.values_list("pk", "last", Value(0), none), all=True
        )
    spoken = none
    if policy.contact_two_way_max_gap_days is not None:  # another probe
        two_way = counted.filter(outcome="two_way").order_by("-happened_on")
        spoken = Subquery(two_way.values("happened_on")[:1])
    students = students.annotate(two_way_on=spoken)
    if closed_from is None:
        return students.values_list("pk", "last", Value(0), "two_way_on")
    inside = counted.filter(happened_on__range=(closed_from, closed_to)).order_by().values("student")
    made = Subquery(inside.annotate(made=Count("pk")).values("made"))
    return students.annotate(made=made).values_list("pk", "last", "made", "two_way_on")


def holds(ids: Collection[int], as_of: date | None, known_on: date | None) -> prepared.Read:
    """The contact holds of each student that has any, by start (C12). With `as_of`, those begun or placed by then."""
    return prepared.Read(_holds, ids, as_of, known_on=known_on, then=spans_by_student, few=True)


def _holds(ids: Any, as_of: date | None, *, known_on: date | None) -> QuerySet:
    found = rows_of("contacts.ContactHold", known_on).filter(any_of("student", ids))
    if as_of is not None:
        found = found.filter(Q(starts_on__lte=as_of) | Q(placed_at__date__lte=as_of))
    by_day = found.order_by("student_id", "starts_on", "ends_on")
    return by_day.values_list("student_id", "starts_on", "ends_on")


def tries(
    since: Mapping[int, date], as_of: date, policy: Policy, known_on: date | None
) -> dict[int, list[LoggedContact]]:
    """For each student, what was logged after their own day up to `as_of` and did not stop the clock."""
    if not since:
        return {}
    rows = prepared.rows_as_known(known_on, _tries, since, min(since.values()), as_of, policy=policy)
    found: dict[int, list[LoggedContact]] = defaultdict(list)
    for student_id, *contact in _waiting(rows, known_on):
        if contact[0] > since.get(student_id, as_of):  # rows of others may come as well (any_of)
            found[student_id].append(LoggedContact(*contact))
    return found


def _tries(ids: Any, after: date, as_of: date, *, policy: Policy, known_on: date | None) -> QuerySet:
    logged = rows_of("contacts.HomeContact", known_on).filter(
        standing(known_on), any_of("student", ids), happened_on__gt=after, happened_on__lte=as_of
    )
    return _contacts(logged.exclude(counting(policy, known_on)))


def histories(students: Sequence[Any], last: date, known_on: date | None = None) -> dict[int, HomeHistory]:
    """Everything that bears on the home contacts of some students up to `last`; two queries.

    Students are instances or rows with `pk`, `joined_on`, `left_on` and `known_from`.
    """
    ids = [student.pk for student in students]
    logged = rows_of("contacts.HomeContact", known_on).filter(
        standing(known_on), approved(known_on), any_of("student", ids), happened_on__lte=last
    )
    contacts: dict[int, list[LoggedContact]] = defaultdict(list)
    for student_id, *contact in _waiting(_contacts(logged).iterator(), known_on):
        contacts[student_id].append(LoggedContact(*contact))
    held = holds(ids, None, known_on).now()
    return {
        one.pk: HomeHistory(
            one.joined_on, one.left_on, contacts.get(one.pk, ()), held.get(one.pk, ()), one.known_from
        )
        for one in students
    }


def _contacts(logged: QuerySet) -> QuerySet:
    """Student, day, channel, outcome, whether marked and what `_waits` looks at, in order."""
    return logged.order_by("happened_on", "id").values_list(
        "student_id", "happened_on", "channel", "outcome", "person_marked", "needs_approval", "approved_on"
    )


def _waiting(rows: Iterable[tuple[Any, ...]], known_on: date | None) -> Iterable[tuple[Any, ...]]:
    """Rows of `_contacts` with whether each waits for approval in the place of what that depends on."""
    for *contact, needs_approval, approved_on in rows:
        yield (*contact, _waits(needs_approval, approved_on, known_on))


def _waits(needs_approval: bool, approved_on: date | None, known_on: date | None) -> bool:
    """`approved` of one entry."""
    return needs_approval and (approved_on is None or (known_on is not None and approved_on > known_on))


def sessions(ids: Collection[int], first: date, last: date, known_on: date | None) -> prepared.Read:
    """Standing sessions of each student that has any, from `first` to `last`, oldest first."""
    return prepared.Read(_sessions, ids, first, last, known_on=known_on, then=partial(_by_student, known_on))


def _by_student(known_on: date | None, rows: list[tuple[Any, ...]]) -> dict[int, tuple[LoggedSession, ...]]:
    sets = {topics: frozenset(filter(None, topics.split(","))) for topics in {row[3] for row in rows}}
    # One for all that say the same: a school has thousands.
    alike: dict[tuple[Any, ...], LoggedSession] = {}
    found: dict[int, tuple[LoggedSession, ...]] = {}
    for row in rows:
        says = row[1:]
        session = alike.get(says)
        if session is None:
            on, status, topics, catch_up_for, level, needs_approval, approved_on = says
            waits = _waits(needs_approval, approved_on, known_on)
            session = alike[says] = LoggedSession(on, status, sets[topics], catch_up_for, waits, level)
        found[row[0]] = (*found.get(row[0], ()), session)
    return found


def _sessions(ids: Any, first: date, last: date, *, known_on: date | None) -> QuerySet:
    return (
        rows_of("contacts.KeyworkSession", known_on)
        .filter(standing(known_on), any_of("student", ids), happened_on__gte=first, happened_on__lte=last)
        .order_by("happened_on", "id")
        .values_list(
            "student_id",
            "happened_on",
            "status",
            Func("topics", Value(","), function="array_to_string", output_field=TextField()),
            "catch_up_for",
            "level",
            "needs_approval",
            "approved_on",
        )
    )


def last_reached(
    pairs: Sequence[tuple[int, int]], since: date | None, as_of: date, policy: Policy
) -> dict[tuple[int, int], date]:
    """For each student and person that has any, the latest contact with them by `as_of` that counts (C15).

    With `since`, only contacts from that day on are looked at.
    """
    found = HomeContact.objects.filter(
        counting(policy, None),
        student__in={student_id for student_id, _ in pairs},
        member__in={member_id for _, member_id in pairs},
        happened_on__lte=as_of,
    )
    if since is not None:
        found = found.filter(happened_on__gte=since)
    rows = found.order_by().values_list("student_id", "member_id").annotate(Max("happened_on"))
    return {(student_id, member_id): on for student_id, member_id, on in rows}
