"""Whose miss it is, of a duty that is counted in school days."""

from __future__ import annotations

from datetime import date
from typing import Literal

from .calendar import SchoolCalendar

Attribution = Literal["keyworker", "handover", "unassigned"]

ATTRIBUTION_PUPIL_DAYS = 10


def attribution(due: date, keyworker_since: date | None, calendar: SchoolCalendar) -> Attribution:
    """H7: whose miss it is: the keyworker in post on the due date with 10 pupil days in post by then."""
    if keyworker_since is None or keyworker_since > due:
        return "unassigned"
    days = calendar.pupil_days(keyworker_since, due)
    return "keyworker" if days >= ATTRIBUTION_PUPIL_DAYS else "handover"
