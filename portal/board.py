"""The assignments board: who has nobody, who keyworks whom, what is planned. Queries do not grow with the school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)

from contacts.mentoring_loads import loads as mentoring_loads
from keywork import school
from keywork.absences import away_until
from keywork.access import Can, scope_q
from keywork.actions.assignments import ONE_AT_A_TIME, caseloads
from keywork.caseload import FULL_WEEK, LoadBar, days_in_words, own_cap
from keywork.finding import containing
from keywork.models import Assignment, User
from keywork.words import worded
from students.models import Student
from students.rules import how_long

Kind = Assignment.Kind
KEYWORKERS_A_PAGE = 24
STUDENTS_A_PAGE = 12
PLANS_A_PAGE = 12


@dataclass(slots=True)
class Keyworker(LoadBar):
    """One card: the person, how many they have of how many, and whom."""

    user: User
    load: int
    cap: int | None  # their own
    deputy_for: int = 0
    mentor_of: int = 0
    away_until: date | None = None
    mentoring: str = ""  # slots and time of this week
    students: list[tuple[Student, str]] = field(default_factory=list)  # and for how long with them
    over_cap_reasons: list[str] = field(default_factory=list)

    @property
    def days(self) -> str:
        """ "3 days a week", of somebody who works part of it."""
        return days_in_words(self.user.days_a_week) if self.user.is_part_time else ""


@dataclass(frozen=True, slots=True)
class Board:
    keyworkers: Sequence[Keyworker]
    page: Page
    total: int
    with_room: int | None  # None: the policy sets no limit
    nobody: Page
    nobody_now: int
    on_roll: bool  # whether there is any student this person assigns for
    plans: Page
    leaving: Page


def keyworkers() -> QuerySet[Any]:
    """The accounts of whoever has been somebody's keyworker and still works here, and whoever has students in their name.

    `was_keyworker` is true for the first, and for a closed account with students; deputies and mentors are here
    so that what they hold can be moved.
    """
    assignments = Assignment.objects.filter(user=OuterRef("pk"))
    keywork = assignments.filter(kind=Kind.KEYWORKER)
    holds = Exists(assignments.filter(kind__in=ONE_AT_A_TIME, ends_on__isnull=True))
    return (
        User.objects.annotate(was_keyworker=Exists(keywork))
        .filter(Q(holds) | Q(is_active=True, roles__contains=["staff"], was_keyworker=True))
        .order_by("in_order", "pk")
    )


def board(user: User, today: date, cap: int | None, asked: Any) -> Board:
    """`asked` is the query of the page: `q` part of a name, and the page of each column."""
    loads = caseloads(today)
    everyone = keyworkers()
    active = everyone.filter(is_active=True, was_keyworker=True).values_list("pk", "days_a_week")
    caps = {pk: own_cap(cap, days) for pk, days in active}
    typed = asked.get("q", "").split()
    found = everyone.filter(containing(("name",), " ".join(typed[:5])))
    page = Paginator(found, KEYWORKERS_A_PAGE).get_page(asked.get("page"))
    away = away_until(today, [one.pk for one in page])
    cards = {
        one.pk: Keyworker(one, loads.get(one.pk, 0), one.own_cap(cap), away_until=away.get(one.pk))
        for one in page
    }
    _add_students(user, today, cards)
    for pk, load in mentoring_loads(today, list(cards)).items():
        cards[pk].mentoring = load.words
    nobody = without_keyworker(user, today)
    return Board(
        keyworkers=list(cards.values()),
        page=page,
        total=len(caps),
        with_room=None
        if cap is None
        else sum(own is None or loads.get(pk, 0) < own for pk, own in caps.items()),
        nobody=Paginator(nobody, STUDENTS_A_PAGE).get_page(asked.get("nobody")),
        nobody_now=nobody.filter(joined_on__lte=today).count(),
        on_roll=Student.objects.visible_to(user, Can.ASSIGN).on_roll(today).exists(),
        plans=Paginator(planned(user, today), PLANS_A_PAGE).get_page(asked.get("planned")),
        leaving=Paginator(leaving(user, today), PLANS_A_PAGE).get_page(asked.get("leaving")),
    )


def _add_students(user: User, today: date, cards: dict[int, Keyworker]) -> None:
    """The students of the cards shown, a closed account's to hand over; never a child of the person looking."""
    rows = (
        Assignment.objects.dated(today)
        .filter(
            Q(student__left_on__isnull=True) | Q(student__left_on__gte=today),
            scope_q(user, Can.ASSIGN, "student_id"),
            user__in=list(cards),
            kind=Kind.KEYWORKER,
            student__joined_on__lte=today,
        )
        .select_related("student")
        .order_by("student__in_order", "student_id")
    )
    for row in rows:
        card = cards[row.user_id]
        card.students.append((row.student, how_long(row.starts_on, today)))
        if card.above and row.over_cap_reason not in ("", *card.over_cap_reasons):
            card.over_cap_reasons.append(row.over_cap_reason)
    others = (
        Assignment.objects.dated(today)
        .filter(user__in=list(cards), kind__in=[Kind.DEPUTY, Kind.MENTOR])
        .order_by()
        .values_list("user", "kind")
        .annotate(n=Count("student", distinct=True))
    )
    for user_id, kind, count in others:
        if kind == Kind.DEPUTY:
            cards[user_id].deputy_for = count
        else:
            cards[user_id].mentor_of = count


def without_keyworker(user: User, today: date) -> QuerySet[Student]:
    """On roll with no keyworker today who are to have one, then those yet to join whom nobody is planned for.

    `last_on` and `last_name` say who was the last and until when; `next_on` and `next_name` who is planned.
    """
    policy = school.load().policy(today)
    eligible = [status for status in ("", *Student.SenStatus.values) if policy.gives_keyworker(status)]
    assignments = Assignment.objects.filter(student=OuterRef("pk"), kind=Kind.KEYWORKER)
    ended: QuerySet[Any] = assignments.with_last_day()
    last = ended.filter(last_day__lt=today, last_day__gte=F("starts_on")).order_by("-last_day")
    following = assignments.filter(starts_on__gt=today, user__is_active=True).order_by("starts_on")
    return (
        Student.objects.visible_to(user, Can.ASSIGN)
        .filter(Q(left_on__isnull=True) | Q(left_on__gte=today))
        .filter(~Exists(assignments.current(today)), sen_status__in=eligible)
        .exclude(Exists(following), joined_on__gt=today)
        .annotate(
            last_on=Subquery(last.values("last_day")[:1]),
            last_name=Subquery(last.values("user__name")[:1]),
            next_on=Subquery(following.values("starts_on")[:1]),
            next_name=Subquery(following.values("user__name")[:1]),
            yet_to_join=ExpressionWrapper(Q(joined_on__gt=today), BooleanField()),
        )
        .order_by("yet_to_join", "joined_on", "in_order", "pk")
    )


def leaving(user: User, today: date) -> QuerySet[Student]:
    """Students whose last day on roll is known and not past; soonest first."""
    return (
        Student.objects.visible_to(user, Can.ASSIGN)
        .filter(left_on__gte=today)
        .order_by("left_on", "in_order", "pk")
    )


def planned(user: User, today: date) -> QuerySet[Assignment]:
    """Posts that begin after today, and posts that end with nobody following; soonest first.

    `ends` is true for the second; `day` is the first or the last day.
    """
    after = Assignment.objects.filter(
        student=OuterRef("student"), kind=OuterRef("kind"), starts_on__gt=OuterRef("ends_on")
    )
    begins = Q(starts_on__gt=today)
    leaves = Q(student__left_on__isnull=False, student__left_on__lte=F("ends_on"))  # nobody has to follow
    ends = Q(starts_on__lte=today, ends_on__gte=today, kind__in=ONE_AT_A_TIME) & ~leaves & ~Exists(after)
    return (
        Assignment.objects.filter(scope_q(user, Can.ASSIGN, "student_id"))
        .filter(begins | ends)
        .annotate(
            ends=ExpressionWrapper(~begins, BooleanField()),
            day=Case(When(begins, then="starts_on"), default="ends_on"),
        )
        .select_related("student", "user")
        .order_by("day", "pk")
    )


def people(
    on: date, cap: int | None, *, kind: str = Kind.KEYWORKER, leaving_out: int | None = None
) -> list[tuple[int, str]]:
    """Active staff by name, each with how many they have: "Bronwen Tallis, 3 of 5", "…, deputy for 2". Never ranked."""
    loads = caseloads(on, kind=kind)
    staff = User.objects.filter(is_active=True, roles__contains=["staff"]).order_by("in_order", "pk")
    return [
        (pk, f"{name}, {_held(kind, loads.get(pk, 0), own_cap(cap, days))}{_part_time(kind, days)}")
        for pk, name, days in staff.values_list("pk", "name", "days_a_week")
        if pk != leaving_out
    ]


def _part_time(kind: str, days: Decimal) -> str:
    return f", {days_in_words(days)}" if kind == Kind.KEYWORKER and days < FULL_WEEK else ""


def _held(kind: str, load: int, cap: int | None) -> str:
    if kind == Kind.DEPUTY:
        return f"deputy for {load}"
    if kind == Kind.MENTOR:
        return f"mentor of {load}"
    return (
        f"{load} of {cap}" if cap is not None else f"{load} {worded('student' if load == 1 else 'students')}"
    )
