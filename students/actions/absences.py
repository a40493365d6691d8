"""Days a student was away: they count for sessions (H4) and remind of the next contact (C11)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from keywork.errors import Refused
from keywork.models import User

from ..models import Absence, Student


@transaction.atomic
def record_absence(*, student: Student, starts_on: date, ends_on: date, by: User, note: str = "") -> Absence:
    """Keep that the student was away on these full days, both included.

    Raises Refused when the days are out of order, before the student came or after they left, or when
    the same days are there already.
    """
    Student.objects.select_for_update().only("pk").get(pk=student.pk)
    if ends_on < starts_on:
        raise Refused("Choose a last day that is on or after the first", "ends_on")
    stay = student.stay_on(starts_on)
    if starts_on < stay.joined_on:
        raise Refused(
            f"{student.known_as} came on {stay.joined_on:%-d %B %Y}. Choose that day or later", "starts_on"
        )
    if stay.left_on is not None and ends_on > stay.left_on:
        raise Refused(
            f"{student.known_as} left on {stay.left_on:%-d %B %Y}. Choose that day or earlier", "ends_on"
        )
    if Absence.objects.filter(student=student, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise Refused("Some of these days are in the list already. Remove that line first", "starts_on")
    return Absence.objects.create(
        student=student, starts_on=starts_on, ends_on=ends_on, note=note.strip(), recorded_by=by
    )


@transaction.atomic
def remove_absence(*, absence: Absence, by: User) -> None:
    """Take back an absence that was not one. The row's history keeps who did it and when."""
    absence.delete()
