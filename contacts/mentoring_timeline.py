"""Mentoring on a student's timeline and in the whole log: what was had, not come to, called off or moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import F, QuerySet

from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.finding import containing
from keywork.levels import Level
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider

from .models import MentoringSlot

KIND = "mentoring"
_FIELDS = ("pk", "on", "at", "kind", "status", "minutes", "where", "focus", "note")
_TITLES = {
    "no_show": "Mentoring: did not come",
    "cancelled": "Mentoring called off",
    "moved": "Mentoring moved to another time",
}


class MentoringTimeline(TimelineProvider):
    kinds = {KIND: "Mentoring"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.VIEW_LOG, asked.student):
            return ()
        found = partial(_found, opens=allows(asked.reader, Can.LOG, asked.student))
        return [Rows(KIND, _rows, found, matching=partial(containing, ("focus", "note")))]


def between(student: Any, reader: Any, first: date, last: date) -> list[Found]:
    """For the whole log: all of these days."""
    if not allows(reader, Can.VIEW_LOG, student):
        return []
    opens = allows(reader, Can.LOG, student)
    return [_found(row, opens) for row in _rows(student.pk).filter(on__range=(first, last))]


def _rows(student_id: int) -> QuerySet:
    rows = MentoringSlot.objects.filter(student=student_id).exclude(status=MentoringSlot.Status.PLANNED)
    named = rows.order_by("-on", "-pk").annotate(mentor_name=F("mentor__name"))
    return named.values_list(*_FIELDS, "mentor_name", named=True)


def _found(row: Any, opens: bool) -> Found:
    """`opens`: the reader may open its page, which is to change it."""
    return Found(row.on, KIND, row.pk, partial(_entry, row, opens))


def _entry(row: Any, opens: bool) -> Entry:
    came = row.status == MentoringSlot.Status.ATTENDED
    title = (
        f"Dropped in, {row.minutes} minutes" if row.kind == "drop_in" else f"Mentoring, {row.minutes} minutes"
    )
    return Entry(
        kind=KIND,
        pk=row.pk,
        on=row.on,
        at=row.at,
        title=title if came else _TITLES[row.status],
        who=" · ".join(filter(None, (row.mentor_name, row.where))),
        text="\n".join(filter(None, (row.focus, row.note))),
        seen_by=str(Level.GENERAL.label),
        icon="academic-cap",
        url=numbered("contacts:mentoring_slot").format(row.pk) if opens else "",
        level="ok" if came else "none",
    )
