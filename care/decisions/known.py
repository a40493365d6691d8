"""Whom a decision may be shared with, and what each of them may know of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from keywork import clock, prepared
from keywork.access import Can, allows
from keywork.words import marked
from students.models import FamilyLink, OwnChoiceAtHome, Student

from ..models import DecisionReader
from ..models.decision import DecisionReaderQuerySet

OVER = marked("This decision was taken back meanwhile. There is nothing to answer any more")


def who_may_know(student: Student) -> QuerySet[FamilyLink]:
    """Parents and carers whom a decision about this student may be shared with today, in the family's own order.

    Not those of whom a young person decided that they see nothing.
    """
    links = FamilyLink.objects.for_keywork(clock.today()).without(OwnChoiceAtHome.Sees.NOTHING)
    links = links.filter(student=student)
    return links.select_related("member__user").order_by("priority", "pk")


def known_to(user: Any, student: Student) -> DecisionReaderQuerySet:
    """The decisions this person may know of a student, newest first: for the home of a parent or carer, and for My page.

    Each row is their own: `row.decision` says what was decided, `row.answer` what they said. Shared with them by name;
    nothing once their link has ended or a restriction is in force. A withdrawn one stays, with its reason. One query
    beside those of access. They are opened and answered at "home:decision" (the student's id, the decision's id) and
    "home:my_decision" (the decision's id).
    """
    reader = _reader(user, student)
    return _known(student.pk, *reader) if reader is not None else DecisionReader.objects.none()


def _reader(user: Any, student: Student) -> tuple[int, ...] | None:
    """For `_known`: nobody for the student themselves; None for who knows of nothing."""
    if allows(user, Can.VIEW_MY_PAGE, student):
        return ()
    return (user.pk,) if allows(user, Can.VIEW_FAMILY_HOME, student) else None


def _known(student: Any, parent: Any = None) -> DecisionReaderQuerySet:
    rows = DecisionReader.objects.filter(decision__student=student).select_related(
        "decision__student", "decision__announced_by", "member", "answered_by", "replied_by"
    )
    rows = rows.filter(member__isnull=True) if parent is None else rows.filter(member__user=parent)
    return rows.order_by("-decision__announced_at", "-decision_id")


def all_known_to(user: Any, student: Student) -> list[DecisionReader]:
    """`known_to`, with this student on each: what they decided about home is asked once."""
    reader = _reader(user, student)
    rows = prepared.rows(_known, student.pk, *reader) if reader is not None else []
    for row in rows:
        row.decision.student = student
    return rows


def to_answer(rows: Iterable[DecisionReader]) -> list[DecisionReader]:
    """Those of `known_to` that wait for an answer: what is this person's turn."""
    return [row for row in rows if row.must_answer]
