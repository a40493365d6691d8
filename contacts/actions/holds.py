"""Days on which home must not be contacted (C12). Only the head and the safeguarding lead place them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from keywork import clock
from keywork.dates import day_in_full
from keywork.errors import Refused
from keywork.models import User
from students.models import Student

from ..models import ContactHold


@transaction.atomic
def place_hold(*, by: User, student: Student, starts_on: date, ends_on: date, reason: str) -> ContactHold:
    """Both days inclusive. Raises Refused for days out of order, days already held, or no reason."""
    if ends_on < starts_on:
        raise Refused("Choose a last day that is not before the first", "ends_on")
    if not reason.strip():
        raise Refused("Say why home must not be contacted", "reason")
    # Two people placing holds for one student wait for each other.
    Student.objects.select_for_update().filter(pk=student.pk).first()
    meets = ContactHold.objects.filter(
        student=student, starts_on__lte=ends_on, ends_on__gte=starts_on
    ).first()
    if meets is not None:
        today = clock.today()
        raise Refused(
            f"There is already a hold from {day_in_full(meets.starts_on, today)} "
            f"to {day_in_full(meets.ends_on, today)}",
            "starts_on",
        )
    return ContactHold.objects.create(
        student=student,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip(),
        placed_by=by,
        placed_at=clock.now(),
    )


@transaction.atomic
def end_hold(*, by: User, hold: ContactHold) -> None:
    """Contact may start again today: yesterday becomes the last held day, a hold from today on is taken away.

    The row history keeps the hold as it was and who ended it. Raises Refused for one that is over. The letters that
    were kept go within a minute (outbox.tasks.sweep).
    """
    yesterday = clock.today() - timedelta(days=1)
    row = ContactHold.objects.select_for_update().filter(pk=hold.pk).first()  # another page may have ended it
    if row is None or row.ends_on <= yesterday:
        raise Refused("This hold is already over")
    if row.starts_on > yesterday:
        row.delete()
        return
    row.ends_on = yesterday
    row.save(update_fields=["ends_on"])
