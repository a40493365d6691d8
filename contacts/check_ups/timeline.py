"""A round of the check-up on the timeline: one line, with what was told."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, DateField, F, Max, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Concat

from enquiries.models import Enquiry
from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.finding import containing
from keywork.levels import Level
from keywork.numbers import in_words
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider

from . import KIND
from .lines import TELLS

SLUG = "check_up"


class CheckUpTimeline(TimelineProvider):
    kinds = {SLUG: "Check-ups with teachers"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.VIEW_LOG, asked.student):
            return ()
        return [Rows(SLUG, _rounds, partial(_found, asked.student), pk="last")]

    def newest(self, asked: Asked) -> Sequence[Found]:
        """Also for who searches, or reads on: one query."""
        student, search, before = asked.student, asked.search, asked.before
        if not self.rows(asked) or "\x00" in search:
            return ()
        rounds = _rounds(student.pk)
        if before is not None:
            rounds = rounds.filter(period__lte=before[0].isoformat())
        if search:
            found = _asked(student.pk).filter(TELLS, containing(("said", "user__name"), search))
            rounds = rounds.filter(period__in=found.values("period"))
        made = [_found(student, row) for row in rounds[: asked.limit + 1]]
        return [one for one in made if before is None or one.place < before]


def _asked(student_id: int) -> QuerySet:
    rows = Enquiry.objects.filter(kind=KIND, student=student_id, withdrawn_at__isnull=True)
    return rows.alias(said=KT("answers__words"))


def _rounds(student_id: int) -> QuerySet:
    """A row a round, newest first, each with the key of the `last` that was asked in it."""
    return (
        _asked(student_id)
        .order_by("-period")
        .values("period")
        .annotate(
            on=Cast("period", DateField()),
            last=Max("pk"),
            asked=Count("pk"),
            answered=Count("pk", filter=Q(answered_at__isnull=False)),
            told=ArrayAgg(
                Concat(F("user__name"), Value(": "), F("said"), output_field=CharField()),
                filter=TELLS,
                order_by=["user__in_order", "pk"],
                default=Value([]),
            ),
        )
        .values_list("on", "last", "asked", "answered", "told", named=True)
    )


def _found(student: Any, row: Any) -> Found:
    return Found(row.on, SLUG, row.last, partial(_entry, row, student))


def _entry(row: Any, student: Any) -> Entry:
    told = len(row.told)
    title = f"Check-up with teachers: {row.answered} of {row.asked} answered"
    if told:
        title += f", {in_words(told)} told something"
    return Entry(
        kind=SLUG,
        pk=row.last,
        on=row.on,
        title=title,
        text="\n\n".join(row.told),
        seen_by=str(Level.GENERAL.label),
        icon="clipboard-document-check" if not told else "chat-bubble-left-right",
        level="soon" if told else ("ok" if row.answered else "none"),
        url=numbered("contacts:check_ups").format(student.pk),
    )
