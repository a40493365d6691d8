"""The plan in force of each of many students on a day, as known now or at the end of a day (keywork.known)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from keywork.known import rows_of
from keywork.sql import any_of


def plans_in_force(ids: Any, as_of: date, known_on: date | None) -> QuerySet:
    """The newest version of each that was issued by then."""
    plans = rows_of("care.EhcPlan", known_on).filter(any_of("student", ids), issued_on__lte=as_of)
    return plans.order_by("student_id", "-number").distinct("student_id")


def reviews_due(ids: Any, first: date, last: date, known_on: date | None) -> QuerySet:
    """Those plans in force whose next review is due from one day to another: few, so each is asked for a newer one."""
    plans = rows_of("care.EhcPlan", known_on).filter(issued_on__lte=first)
    newer = plans.filter(student=OuterRef("student"), number__gt=OuterRef("number"))
    near = plans.filter(any_of("student", ids), ~Exists(newer), next_review_on__range=(first, last))
    return near.order_by()
