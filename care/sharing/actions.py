"""Showing one thing to a named person, that they read it, and ending it early."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from keywork import clock
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from outbox import actions as outbox
from students.models import FamilyLink, Student

from . import items
from .models import SharedItem

LONGEST = timedelta(days=92)


@transaction.atomic
def share(
    *, student: Student, what: str, item_id: int, user: User, reason: str, until: date, by: User
) -> SharedItem:
    """Nobody shows what they could not read; the colleague is mailed that there is something. Raises Refused."""
    item = items.find(what, item_id, by)
    if item is None or item.student.pk != student.pk or not allows(by, Can.SHARE_ITEM, student):
        raise Refused("This cannot be shown to anybody")
    if user == by or not user.signs_in_as("staff"):
        raise Refused("Choose a colleague who can sign in", "user")
    if FamilyLink.objects.of_account(user).filter(student=student).exists():
        raise Refused(f"{user.name} is family of {student.known_as}, and cannot read this", "user")
    today = clock.today()
    if until < today:
        raise Refused("Choose today or a later day", "until")
    if until - today > LONGEST:
        raise Refused("Choose a day within three months; it can be shown again then", "until")
    made = SharedItem.objects.create(
        student=student, what=what, item_id=item_id, user=user, reason=reason.strip(), until=until,
        shared_by=by, shared_at=clock.now(), shared_on=today,
    )  # fmt: skip
    outbox.do("care.shown", shared=made.pk)
    return made


@transaction.atomic
def read(*, shared: SharedItem) -> None:
    """The first time they opened it stays."""
    row = SharedItem.objects.select_for_update(of=("self",)).get(pk=shared.pk)
    if row.read_at is None:
        row.read_at = clock.now()
        row.save(update_fields=["read_at"])


@transaction.atomic
def end(*, shared: SharedItem, by: User) -> None:
    """By who shows it, and by whoever could: nobody ends what they could not read. Raises Refused."""
    row = SharedItem.objects.select_for_update(of=("self",)).get(pk=shared.pk)
    if not may_end(by, row):
        raise Refused("This was shown by somebody else")
    if row.ended_at is None:
        row.ended_at, row.ended_by = clock.now(), by
        row.save(update_fields=["ended_at", "ended_by"])


def may_end(user: User, row: SharedItem) -> bool:
    if not allows(user, Can.SHARE_ITEM, row.student_id):
        return False
    return row.shared_by_id == user.pk or items.find(row.what, row.item_id, user) is not None
