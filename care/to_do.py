"""What somebody has to do that is no duty of a student: what they agreed to, what a list asks, what home waits for.

One query for Today, however many kinds there are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, TruncDate
from django.urls import reverse

from keywork import prepared
from keywork.access import Can, holds_for_all, relations
from keywork.levels import Level
from keywork.sql import any_of

from .checklists.kinds import ROLES
from .models import Action, DecisionReader, PartAsked, PlanVersion, Point
from .plans import permissions

ACTION, POINT, LATE, ASKED, REVIEW, PART = "action", "point", "late", "asked", "review", "part"
SOON = timedelta(
    days=14
)  # how long before its day a point of a list, or the review of a plan, stands on Today
WORDS = {
    LATE: "Home has not answered a decision",
    ASKED: "Home asks about a decision, or does not agree",
    REVIEW: "Look again at the safeguarding support plan",
    PART: "Asked to take part in a restorative conversation",
}


@dataclass(frozen=True, slots=True)
class ToDo:
    """A line of Today."""

    kind: str
    student_id: int
    known_as: str
    what: str
    due_on: date
    url: str


def to_do(user: Any, mine: Collection[int], today: date) -> prepared.Read:
    """What waits for this person, soonest first (ToDo); `mine` are the students they keywork. Read with others, or `now`."""
    reach = relations(user, today)
    # By a role over every student, or these: what is one's own to do of others is no longer shown.
    visible = () if holds_for_all(user, Can.VIEW_STUDENT) else (reach.students(Can.VIEW_STUDENT),)
    mentored = frozenset(pk for pk, names in reach.related.items() if "mentor" in names)
    return prepared.Read(
        _rows,
        user.pk,
        today,
        today + SOON,
        mine,
        mentored,
        reach.students(Can.VIEW_SAFEGUARDING_PLANS).intersection(mine),
        reach.own_children,
        *visible,
        roles=tuple(sorted(ROLES.intersection(user.roles))),
        then=_told,
    )


def _told(rows: list[Any]) -> list[ToDo]:
    return [
        ToDo(
            kind,
            student,
            known_as,
            WORDS.get(kind, what),
            due_on,
            _address(kind, student, pk),
        )
        for kind, pk, student, known_as, what, due_on in rows
    ]


def _address(kind: str, student: int, pk: int) -> str:
    if kind == REVIEW:
        return reverse("care:kept_list", args=[student])
    if kind == PART:  # its reader does not learn of which student's record it is
        return reverse("tsp:repair_part", args=[pk])
    return reverse(_ADDRESS[kind], args=[student, pk])


_ADDRESS = {ACTION: "care:action", POINT: "care:checklist", LATE: "care:decision", ASKED: "care:decision"}


def _rows(
    user_id: Any,
    today: Any,
    soon: Any,
    mine: Any,
    mentored: Any,
    guarded: Any,
    own_children: Any,
    *visible: Any,
    roles: tuple[str, ...],
) -> QuerySet:
    seen = ~any_of("student", own_children)
    for those in visible:
        seen &= any_of("student", those)
    # What somebody agreed whose account is closed since is the keyworker's to do, or to give to another.
    left = Q(owner__is_active=False) & any_of("student", mine) & ~Q(level=Level.SAFEGUARDING)
    actions = Action.objects.open().filter(seen, Q(owner=user_id) | left)
    student = "checklist__student"
    named = Q(owner=user_id)
    for those in visible:
        named &= any_of(student, those)
    by_post = Q(role="keyworker") & any_of(student, mine) | Q(role="mentor") & any_of(student, mentored)
    theirs = named | Q(owner__isnull=True) & (by_post | Q(role__in=roles))
    points = Point.objects.open().filter(theirs, ~any_of(student, own_children), due_on__lte=soon)
    waiting = DecisionReader.objects.filter(any_of("decision__student", mine))
    # Of plans that no duty tells of, as whoever reads duties would learn of them.
    plans = PlanVersion.objects.newest().filter(
        permissions.guarded("plan__"), any_of("plan__student", guarded), review_by__lte=soon
    )
    parts = PartAsked.objects.open().of(user_id, today).filter(~any_of("student", own_children))
    return (
        _lines(actions, ACTION, "pk", "student", "what", "due_on")
        .union(
            _lines(points, POINT, "checklist_id", student, "what", "due_on"),
            _lines(waiting.late(today), LATE, *_OF_DECISION, F("decision__answer_by")),
            _lines(waiting.asking(), ASKED, *_OF_DECISION, _said_on()),
            _lines(plans, REVIEW, "pk", "plan__student", "plan__kind", "review_by"),
            _lines(parts, PART, "pk", "student", "whom", "due_on", name="whom"),
        )
        .order_by("line_due", "line_kind", "line_key")
    )


_OF_DECISION = ("decision_id", "decision__student", "decision__what")


def _said_on() -> Greatest:
    """To be answered before the decision holds; of one that holds already, on the day home said it."""
    return Greatest(F("decision__from_on"), TruncDate("answered_at"))


def _lines(
    rows: QuerySet, kind: str, pk: str, student: str, what: str, due: str | Combinable, name: str = ""
) -> QuerySet:
    text = TextField()
    return (
        rows.order_by()
        .annotate(
            line_kind=Cast(Value(kind), text),
            line_key=F(pk),
            line_of=F(f"{student}_id"),
            line_name=Cast(F(name or f"{student}__known_as"), text),
            line_words=Cast(F(what), text),
            line_due=F(due) if isinstance(due, str) else due,
        )
        .values_list("line_kind", "line_key", "line_of", "line_name", "line_words", "line_due")
    )
