"""Who of the staff is away on a day: one answer for Today, the board, Oversight and a record's header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from .models import StaffAbsence


def away_until(on: date, users: Iterable[int] | None = None) -> Mapping[int, date]:
    """The id of everyone away on that day (of `users`, where given) to the last day of it; one query."""
    absences = StaffAbsence.objects.filter(starts_on__lte=on, ends_on__gte=on)
    if users is not None:
        absences = absences.filter(user__in=list(users))
    return dict(absences.order_by("ends_on").values_list("user_id", "ends_on"))
