"""A colleague is asked to take part, and takes part or says why not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from keywork import clock
from keywork.access import Can, allows, shut_out
from keywork.errors import Refused
from keywork.models import Assignment, User
from outbox import actions as outbox
from students.models import Student

from ..models import PartAsked
from .mails import ASKED
from .models import FIRST_CONTACTS, NO_MORE


def colleagues(student: Student, but_for: User) -> list[User]:
    """Who keyworks, covers or mentors another student today, in the order of names; never family of this one."""
    assignments = (
        Assignment.objects.current(clock.today()).filter(kind__in=FIRST_CONTACTS).exclude(student=student)
    )
    rows: QuerySet[User] = User.objects.filter(is_active=True, pk__in=assignments.values("user"))
    found = list(rows.exclude(pk=but_for.pk).order_by("in_order", "pk"))
    family = shut_out(found)
    return [user for user in found if (user.pk, student.pk) not in family]


@transaction.atomic
def ask(
    *, by: User, student: Student, repair_id: int, happened_on: date, asked: User, whom: str, due_on: date
) -> PartAsked:
    """It stands on their Today until they answer, and they are mailed. Raises Refused.

    Whoever calls it has looked at whose record it is.
    """
    if not allows(by, Can.RECORD_RESTORATIVE, student) or asked not in colleagues(student, by):
        raise Refused("Choose a colleague who keyworks or mentors", "asked")
    if due_on < clock.today():
        raise Refused("Choose today or a later day", "due_on")
    if PartAsked.objects.open().filter(repair_id=repair_id, asked=asked).exists():
        raise Refused(f"{asked.name} has been asked already", "asked")
    made = PartAsked.objects.create(
        student=student,
        repair_id=repair_id,
        happened_on=happened_on,
        asked=asked,
        whom=whom.strip(),
        due_on=due_on,
        asked_by=by,
        asked_at=clock.now(),
    )
    outbox.do(ASKED, part=made.pk)
    return made


@transaction.atomic
def answer(*, by: User, part: PartAsked, begun: Collection[int] = (), words: str = "") -> PartAsked:
    """They take part, with the record they began (its key), or say why nobody of theirs does. Raises Refused."""
    row = PartAsked.objects.asked_of(by).select_for_update(of=("self",)).filter(pk=part.pk).first()
    if row is None:
        raise Refused("This was asked of somebody else")
    if row.is_no_more:
        raise Refused("You are asked for this no more")
    if row.answered_at is not None:
        raise Refused("You have answered this already")
    if not begun and not words.strip():
        raise Refused("Say why nobody of yours takes part", "words")
    row.answered_at, row.answer_id = clock.now(), next(iter(begun), None)
    row.words = "" if begun else words.strip()
    row.save(update_fields=["answered_at", "answer_id", "words"])
    return row


@transaction.atomic
def give_up(*, repair_id: int) -> None:
    """Whoever has not answered is asked no more, as the record was crossed out.

    Whoever calls it has looked at who may cross the record out.
    """
    for row in PartAsked.objects.open().filter(repair_id=repair_id).select_for_update(of=("self",)):
        row.answered_at, row.words = clock.now(), NO_MORE
        row.save(update_fields=["answered_at", "words"])
