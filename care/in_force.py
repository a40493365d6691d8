"""The plan in force of each of many students, as known now or at the end of a day (keywork.known)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from keywork.known import rows_of
from keywork.sql import any_of


def plans_in_force(ids: Any, known_on: date | None) -> QuerySet:
    """The newest version of each."""
    plans = rows_of("care.EhcPlan", known_on).filter(any_of("student", ids))
    return plans.order_by("student_id", "-number").distinct("student_id")
