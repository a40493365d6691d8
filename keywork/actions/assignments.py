"""Assigning and ending keyworkers, deputies, mentors and the core team (domain 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from .. import access, clock, school
from ..caseload import days_in_words
from ..dates import day_in_full
from ..errors import Refused
from ..models import Assignment, User
from ..numbers import in_words
from ..words import worded

Kind = Assignment.Kind
HOUSE_LEADER = "house_leader"  # the role of whoever may hold that post
ONE_AT_A_TIME = frozenset({Kind.KEYWORKER, Kind.DEPUTY, Kind.MENTOR})
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Load:
    """One person's caseload on a day, against their own cap (None: no cap)."""

    user_id: int
    students: int
    cap: int | None

    @property
    def is_over(self) -> bool:
        return self.cap is not None and self.students > self.cap


def caseloads(on: date, users: Iterable[int] | None = None, kind: str = Kind.KEYWORKER) -> Mapping[int, int]:
    """User id to number of students on roll whom they keywork (or hold another post of) on a day; one query."""
    open_that_day = Assignment.objects.current(on).filter(
        Q(student__left_on__isnull=True) | Q(student__left_on__gte=on),
        kind=kind,
        student__joined_on__lte=on,
    )
    if users is not None:
        open_that_day = open_that_day.filter(user__in=list(users))
    return dict(open_that_day.order_by().values_list("user").annotate(n=Count("student", distinct=True)))


def load_of(user: User, on: date) -> Load:
    """The person's caseload on a day, with their own part of the cap then in force."""
    cap = user.own_cap(school.load().policy(on).caseload_cap)
    return Load(user.pk, caseloads(on, [user.pk]).get(user.pk, 0), cap)


@transaction.atomic
def assign(
    *,
    student: Any,
    user: User,
    kind: str,
    starts_on: date,
    by: User,
    reason: str = Assignment.Reason.FIRST,
    reason_note: str = "",
    over_cap_reason: str = "",
    ends_on: date | None = None,
) -> Assignment:
    """Put `user` in post from `starts_on`; whoever was in a single post ends the day before.

    Raises Refused for someone who is not active staff, who is the student's own parent, above the
    cap without a reason, or where a later assignment is already planned.
    """
    _locked(student)
    _check_person(student, user)
    if ends_on is not None and ends_on < starts_on:
        raise Refused("Choose an end that is on or after the start.", "ends_on")
    if student.left_on and starts_on > student.left_on:
        raise Refused(worded("The student will have left by then. Choose an earlier day."), "starts_on")
    if kind == Kind.HOUSE and HOUSE_LEADER not in user.roles:
        raise Refused(f"{user.name} has not the role of house leader. An administrator gives it.", "user")
    if kind == Kind.KEYWORKER:
        _check_cap(student, user, starts_on, over_cap_reason)
    else:
        over_cap_reason = ""

    same = Assignment.objects.select_for_update().filter(student=student, kind=kind)
    if kind not in ONE_AT_A_TIME:
        same = same.filter(user=user)
    for other in same.overlapping(starts_on, ends_on or date.max):
        if other.user_id == user.pk and (other.ends_on is None or other.starts_on >= starts_on):
            raise Refused(f"{user.name} already holds this from {day_in_full(other.starts_on)}.", "user")
        if other.starts_on >= starts_on:
            raise Refused(
                f"{other.user.name} is already planned from {day_in_full(other.starts_on)}. Take that back first.",
                "starts_on",
            )
        _close(other, starts_on - A_DAY, reason, reason_note, by)
    try:
        with transaction.atomic():
            made = Assignment.objects.create(
                student=student,
                user=user,
                kind=kind,
                starts_on=starts_on,
                ends_on=ends_on,
                reason=reason,
                reason_note=reason_note,
                over_cap_reason=over_cap_reason,
                assigned_by=by,
            )
    except IntegrityError as error:
        raise Refused(
            worded(
                "Someone else changed this student's assignments just now. Look again and choose once more."
            ),
            "starts_on",
        ) from error
    access.forget_relations(user)
    return made


@transaction.atomic
def end_assignment(
    *, assignment: Assignment, ends_on: date, reason: str, by: User, note: str = ""
) -> Assignment:
    """End an assignment; `ends_on` is its last day. Raises Refused when that is before it began."""
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if row.ends_on is not None and row.ends_on < clock.today():
        raise Refused(f"This ended on {row.ends_on:%-d %B %Y} already.", "ends_on")
    if ends_on < row.starts_on:
        raise Refused(f"It began on {row.starts_on:%-d %B %Y}. Choose that day or later.", "ends_on")
    _close(row, ends_on, reason, note, by)
    return row


@transaction.atomic
def cancel_planned(*, assignment: Assignment, by: User) -> None:
    """Take back an assignment that has not begun; the one it would have ended goes on."""
    row = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if row.starts_on <= clock.today():
        raise Refused("This has begun already. End it instead.", "starts_on")
    before = Assignment.objects.filter(
        student=row.student_id, kind=row.kind, ends_on=row.starts_on - A_DAY, end_reason=row.reason
    )
    if row.kind not in ONE_AT_A_TIME:
        before = before.filter(user=row.user_id)
    row.delete()
    before.update(ends_on=None, end_reason="", end_note="", ended_by=None)


@transaction.atomic
def end_all(*, student: Any, ends_on: date, by: User | None) -> int:
    """A student leaves: everything open or later ends on their last day; plans after it go.

    Nobody did it, from the command line.
    """
    later = Assignment.objects.filter(student=student)
    later.filter(starts_on__gt=ends_on).delete()
    return later.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)).update(
        ends_on=ends_on, end_reason=Assignment.Reason.STUDENT_LEFT, ended_by=by
    )


@transaction.atomic
def take_back_end(*, student: Any, ends_on: date) -> int:
    """A last day that is still to come is no more: what ended with it goes on."""
    return Assignment.objects.filter(
        student=student, ends_on=ends_on, end_reason=Assignment.Reason.STUDENT_LEFT
    ).update(ends_on=None, end_reason="", ended_by=None)


@transaction.atomic
def leave_out(*, user: User, first: date, last: date, by: User) -> None:
    """The person was in no post from `first` to `last`: each post of those days ends before and goes on after.

    For an account that was closed and is opened again, so that what was known of the days between stays.
    """
    held = Assignment.objects.select_for_update().filter(user=user).exclude(ends_on=first)  # see `last_day`
    for row in held.overlapping(first, last):
        until, goes_on = row.ends_on, row.ends_on is None or row.ends_on > last
        if row.starts_on >= first:
            if goes_on:
                row.starts_on = last + A_DAY
                row.save(update_fields=["starts_on"])
            else:
                row.delete()
            continue
        _close(row, first - A_DAY, Assignment.Reason.OTHER, "The account was closed", by)
        if goes_on:
            row.pk, row.starts_on, row.ends_on = None, last + A_DAY, until
            row.end_reason, row.end_note, row.ended_by, row.assigned_by = "", "", None, by
            row.reason, row.reason_note = Assignment.Reason.OTHER, "The account was opened again"
            row.save(force_insert=True)
    access.forget_relations(user)


def _locked(student: Any) -> None:
    """Changes to one student's assignments wait for one another."""
    apps.get_model("students", "Student").objects.select_for_update().get(pk=student.pk)


def _close(row: Assignment, ends_on: date, reason: str, note: str, by: User) -> None:
    row.ends_on, row.end_reason, row.end_note, row.ended_by = ends_on, reason, note, by
    row.save(update_fields=["ends_on", "end_reason", "end_note", "ended_by"])
    access.forget_relations(row.user)


def _check_person(student: Any, user: User) -> None:
    if not (user.is_active and user.is_school_staff):
        raise Refused(f"{user.name} has no active staff account.", "user")
    if apps.get_model("students", "FamilyLink").objects.of_account(user).filter(student=student).exists():
        raise Refused(f"{user.name} is family of this {worded('student')}. Choose someone else.", "user")


def _check_cap(student: Any, user: User, on: date, over_cap_reason: str) -> None:
    cap = user.own_cap(school.load().policy(on).caseload_cap)
    if cap is None or over_cap_reason.strip():
        return
    # Whoever will have left by then, or whose keyworker this already is, does not count.
    others = (
        Assignment.objects.keyworkers(on)
        .filter(Q(student__left_on__isnull=True) | Q(student__left_on__gte=on), user=user)
        .exclude(student=student)
        .values("student")
        .distinct()
        .count()
    )
    if others + 1 > cap:
        raise Refused(
            f"{user.get_short_name()} {_already(user, others)}. Give a reason to add another.",
            "over_cap_reason",
        )


def _already(user: User, others: int) -> str:
    has = f"already has {in_words(others)} {worded('student' if others == 1 else 'students')}"
    days = days_in_words(user.days_a_week)
    return f"works {days} and {has}" if user.is_part_time else has
