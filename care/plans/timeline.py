"""Versions of plans on a student's timeline, for those who read plans of their kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from keywork.access import allows
from keywork.finding import containing, said_in
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider

from . import permissions
from .kinds import GUARDED, KINDS, kind_of
from .models import PlanVersion

KIND = "plan"


class PlanTimeline(TimelineProvider):
    kinds = {KIND: "Plans"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        reads = permissions.READ_WITH.items()
        audiences = tuple(one for one, can in reads if allows(asked.reader, can, asked.student))
        if not audiences:
            return ()
        told, fixed = partial(_found, asked.student), (("audiences", audiences),)
        return [Rows(KIND, _rows, told, fixed=fixed, matching=matching)]


def matching(search: str) -> Q:
    """Every typed word, each in what a version says or why it was written."""
    every = Q()
    for word in search.split():
        every &= containing(("why",), word) | said_in("words", word)
    return every


def _rows(student_id: int, *, audiences: tuple[str, ...]) -> QuerySet:
    mine = Q(plan__kind__in=[slug for slug, kind in KINDS.items() if kind.audience in audiences])
    if GUARDED in audiences:  # of a kind that is in no file any more, too
        mine |= ~Q(plan__kind__in=list(KINDS))
    found = PlanVersion.objects.filter(mine, plan__student=student_id).annotate(on=F("written_on"))
    shown = ("pk", "on", "number", "why", "plan__kind", "written_by__name")
    return found.order_by("-on", "-pk").values_list(*shown, named=True)


def _found(student: Any, row: Any) -> Found:
    return Found(row.on, KIND, row.pk, partial(_entry, student, row))


def _entry(student: Any, row: Any) -> Entry:
    kind = kind_of(row.plan__kind)
    return Entry(
        kind=KIND,
        pk=row.pk,
        on=row.on,
        title=f"{kind.name}, version {row.number}",
        who=row.written_by__name,
        text=row.why,
        seen_by=permissions.seen_by(kind),
        restricted=kind.audience == GUARDED,
        icon="document-text",
        url=reverse("care:kept_version", args=[student.pk, row.plan__kind, row.number]),
    )
