"""What was done in a week, a half-term or a term, in numbers; and the students behind each number.

Counts of rows that the viewer may read and nothing of others: a number, a name or a day would tell of them.
Counts of rows alone, in a fixed number of queries: how many days were in time is worked out for the report of a term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet

from care import figures as care
from contacts import facts
from contacts.models import HomeContact, KeyworkSession, Miss
from keywork.access import Can
from keywork.models import Assignment, User
from keywork.policy import Policy
from keywork.words import worded_lazy
from students.models import Student

from .periods import Period

TRIES = ["no_answer", "voicemail", "failed"]
Status = KeyworkSession.Status


class Figure(NamedTuple):
    """One number: `rows` are counted, of a day field; each row has a student."""

    key: str
    name: Any
    rows: Callable[[User, Policy], QuerySet[Any]]
    day: str
    kind: str = ""  # of a student's timeline, where the rows stand
    students: bool = False  # of several rows of one student one is counted


def _contacts(user: User) -> QuerySet[Any]:
    return HomeContact.objects.readable_by(user).filter(facts.standing(None))


def _sessions(*statuses: str) -> Callable[[User, Policy], QuerySet[Any]]:
    def rows(user: User, policy: Policy) -> QuerySet[Any]:
        readable = KeyworkSession.objects.readable_by(user)
        return readable.filter(facts.standing(None), facts.approved(None), status__in=statuses)

    return rows


def _misses(**which: Any) -> Callable[[User, Policy], QuerySet[Any]]:
    return lambda user, policy: Miss.objects.visible_to(user, Can.VIEW_LOG).standing().filter(**which)


def _reached(user: User, policy: Policy) -> QuerySet[Any]:
    return HomeContact.objects.readable_by(user).filter(facts.counting(policy, None))


FIGURES: Mapping[str, Figure] = {
    one.key: one
    for one in (
        Figure(
            "homes", worded_lazy("Students whose home was reached"), _reached, "happened_on", "contact", True
        ),
        Figure("contacts", "Contacts with home that count", _reached, "happened_on", "contact"),
        Figure(
            "tries",
            "Tries that reached nobody",
            lambda user, _: _contacts(user).filter(outcome__in=TRIES),
            "happened_on",
            "contact",
        ),
        Figure("held", "Keywork sessions held", _sessions(Status.HELD), "happened_on", "session"),
        Figure("declined", "Sessions declined", _sessions(Status.DECLINED), "happened_on", "session"),
        Figure(
            "not_held",
            "Sessions cancelled, or nobody came",
            _sessions(Status.CANCELLED, Status.NO_SHOW),
            "happened_on",
            "session",
        ),
        Figure("missed", "Due dates missed", _misses(), "due_on", "miss"),
        Figure("tried", "Missed: tried and not reached", _misses(klass="attempted"), "due_on", "miss"),
        Figure("handover", "Missed: during a handover", _misses(klass="handover"), "due_on", "miss"),
        Figure(
            "unassigned",
            worded_lazy("Missed: no keyworker in post"),
            _misses(klass="unassigned"),
            "due_on",
            "miss",
        ),
        Figure(
            "explained",
            "Missed: a reason is given",
            lambda user, policy: _misses()(user, policy).filter(answer__reason__gt=""),
            "due_on",
            "miss",
        ),
        Figure(
            "acknowledged",
            "Missed: acknowledged",
            _misses(answer__acknowledged_at__isnull=False),
            "due_on",
            "miss",
        ),
        Figure(
            "changes",
            worded_lazy("Students with a new keyworker"),
            lambda user, _: Assignment.objects.filter(
                kind=Assignment.Kind.KEYWORKER, student__in=Student.objects.visible_to(user, Can.VIEW_LOG)
            ),
            "starts_on",
            "",
            True,
        ),
        Figure("reviews", "Reviews of EHC plans held", care.reviews, "held_on", "review"),
        Figure("talks", "Reviews with the talk before them in time", care.talks_in_time, "held_on", "review"),
        Figure(
            "papers", "Reviews whose papers went two weeks before", care.papers_in_time, "held_on", "review"
        ),
        Figure(
            "review_reports",
            "Reviews whose report went within two weeks",
            care.reports_in_time,
            "held_on",
            "review",
        ),
        Figure("plans_overdue", "Plans to be looked at again, overdue", care.plans_overdue, "due_on", "plan"),
        Figure("not_read", "Plans not read by a colleague in time", care.not_read, "answer_by", "plan"),
    )
}


@dataclass(frozen=True, slots=True)
class Line:
    """A figure of a period: now, by the same day of the one before, and all of that one."""

    figure: Figure
    now: int
    same: int | None
    whole: int | None


def lines(user: User, period: Period, policy: Policy) -> list[Line]:
    """A query a figure."""
    spans = {"now": (period.first, period.last)}
    if period.before_first and period.before_same and period.before_last:
        spans |= {
            "same": (period.before_first, period.before_same),
            "whole": (period.before_first, period.before_last),
        }
    found = []
    for one in FIGURES.values():
        each = {
            name: Count(
                "student" if one.students else "pk",
                distinct=one.students,
                filter=Q(**{f"{one.day}__range": span}),
            )
            for name, span in spans.items()
        }
        counts = one.rows(user, policy).order_by().aggregate(**each)
        found.append(Line(one, counts["now"], counts.get("same"), counts.get("whole")))
    return found


def behind(user: User, figure: Figure, first: date, last: date, policy: Policy) -> QuerySet[Any]:
    """The students behind a figure of some days, most often first: student id, how many rows, the last day."""
    rows = figure.rows(user, policy).filter(**{f"{figure.day}__range": (first, last)})
    return (
        rows.order_by()
        .values("student", "student__known_as", "student__surname", "student__nc_year")
        .annotate(n=Count("pk"), on=Max(figure.day))
        .order_by("-n", "student__in_order", "student")
    )


class Silence(NamedTuple):
    """A student, the last day on which home was reached and the last session; None where there was none yet."""

    student: Any
    home_on: date | None
    session_on: date | None
    quiet_since: date


def silences(user: User, today: date, policy: Policy) -> Sequence[Silence]:
    """Everyone on roll by how long neither home was reached nor a session held, longest first. Three queries."""
    students = Student.objects.visible_to(user, Can.VIEW_LOG).on_roll(today).order_by("in_order", "pk")
    counts = _reached(user, policy).filter(happened_on__lte=today)
    held = _sessions(Status.HELD)(user, policy).filter(happened_on__lte=today)
    homes, sessions = (
        dict(rows.order_by().values_list("student").annotate(Max("happened_on"))) for rows in (counts, held)
    )
    found = []
    for one in students.only(
        "pk", "known_as", "surname", "legal_forename", "legal_surname", "preferred_forename",
        "preferred_surname", "nc_year", "placement", "joined_on", "known_from",
    ):  # fmt: skip
        home, session = homes.get(one.pk), sessions.get(one.pk)
        start = one.known_from or one.joined_on
        found.append(Silence(one, home, session, max(filter(None, (home, session)), default=start)))
    return sorted(found, key=lambda one: one.quiet_since)
