"""The plan in force of each of many students on a day, as known now or at the end of a day (keywork.known)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from keywork.known import rows_of
from keywork.prepared import Read
from keywork.sql import any_of


def plans_in_force(ids: Any, as_of: date, known_on: date | None) -> Read:
    """The newest version of each that was issued by then; `since` is the day of its last review or of issue."""
    return Read(_plans, ids, as_of, known_on=known_on)


def _plans(ids: Any, as_of: date, *, known_on: date | None) -> QuerySet:
    plans = rows_of("care.EhcPlan", known_on).filter(any_of("student", ids), issued_on__lte=as_of)
    named = ("student_id", "number", "issued_on", "since", "next_review_on", "nc_year")
    told = plans.annotate(since=Coalesce("reviewed_on", "issued_on"), nc_year=F("student__nc_year"))
    return told.order_by("student_id", "-number").distinct("student_id").values_list(*named, named=True)
