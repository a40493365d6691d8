"""The plans in force of many students, as the duty asks for them: the one that comes first, or all with who is to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from enquiries.models import OPEN, Enquiry
from keywork.prepared import Read
from keywork.sql import any_of
from students.models import Student

from ..taking_over.models import not_taken_over
from . import TO_READ
from .kinds import CORE, PROFILE, slugs_of
from .models import PlanVersion


def read_all(ids: Sequence[int], as_of: date, known_on: date | None) -> Read:
    return Read(_all, ids, as_of, known_on=known_on, then=_in_turn)


def _in_turn(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """As `firsts` has them in turn."""
    return sorted(rows, key=lambda row: (row[3] or date.max, row[1]))


def _all(ids: Any, as_of: date, *, known_on: date | None) -> QuerySet:
    """Each plan in force; and in rows of their own, of whom a new keyworker has still to take over."""
    period = Cast(OuterRef("pk"), models.TextField())
    asks = Enquiry.objects.filter(OPEN, student=OuterRef("plan__student"), kind=TO_READ, period=period)
    waiting = asks.order_by().values("kind").values(count=models.Count("pk"))
    rows = _in_force(ids, known_on).annotate(unread=Coalesce(Subquery(waiting), 0))
    plans = rows.order_by().values_list(*_NAMED, "unread")
    new = Student.objects.filter(any_of("pk", ids), not_taken_over(OuterRef("pk"), as_of))
    kind, nothing = Value("", models.SlugField()), Value(None, models.DateField())
    waits = new.annotate(of_kind=kind, since=nothing, by=nothing, unread=Value(0, models.IntegerField()))
    return plans.union(waits.order_by().values_list("pk", "of_kind", "since", "by", "unread"), all=True)


_NAMED = ("plan__student_id", "plan__kind", "written_on", "review_by")


def firsts(ids: Any, *, known_on: date | None) -> QuerySet:
    """Of each student with any, the plan in force that is looked at again first."""
    in_turn = _in_force(ids, known_on).order_by("plan__student_id", "review_by", "plan__kind")
    return in_turn.distinct("plan__student_id").values_list(*_NAMED)


def _in_force(ids: Any, known_on: date | None) -> QuerySet:
    """The version in force of each plan."""
    rows = PlanVersion.objects.filter(
        any_of("plan__student", ids), plan__kind__in=[*slugs_of(CORE), *slugs_of(PROFILE)]
    )
    if known_on is None:
        return rows.newest()
    later = PlanVersion.objects.filter(plan=OuterRef("plan"), written_on__lte=known_on).order_by("-number")
    return rows.filter(
        Q(plan__ended_on__isnull=True) | Q(plan__ended_on__gt=known_on), pk=Subquery(later.values("pk")[:1])
    )
