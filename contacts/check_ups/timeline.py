"""A round of the check-up on the timeline: one line, with what was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, Count, F, Max, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Concat

from enquiries.models import Enquiry
from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.finding import saying
from keywork.levels import Level
from keywork.numbers import in_words
from keywork.timeline import Asked, Entry, Found, TimelineProvider

from . import KIND
from .lines import TELLS

SLUG = "check_up"


class CheckUpTimeline(TimelineProvider):
    kinds = {SLUG: "Check-ups with teachers"}

    def newest(self, asked: Asked) -> Sequence[Found]:
        """One query, none for who does not read the log."""
        student, search, before = asked.student, asked.search, asked.before
        if not allows(asked.reader, Can.VIEW_LOG, student) or "\x00" in search:
            return ()
        rows = Enquiry.objects.filter(kind=KIND, student=student.pk, withdrawn_at__isnull=True)
        rounds = (
            rows.alias(said=KT("answers__words"))
            .order_by("-period")
            .values("period")
            .annotate(
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
        )
        if before is not None:
            rounds = rounds.filter(period__lte=before[0].isoformat())
        if search:
            found = rows.alias(said=KT("answers__words")).filter(
                TELLS, saying(("said", "user__name"), search)
            )
            rounds = rounds.filter(period__in=found.values("period"))
        made = [_found(row, student) for row in rounds[: asked.limit + 1]]
        return [one for one in made if before is None or one.place < before]


def _found(row: Any, student: Any) -> Found:
    return Found(date.fromisoformat(row["period"]), SLUG, row["last"], partial(_entry, row, student))


def _entry(row: Any, student: Any) -> Entry:
    told = len(row["told"])
    title = f"Check-up with teachers: {row['answered']} of {row['asked']} answered"
    if told:
        title += f", {in_words(told)} told something"
    return Entry(
        kind=SLUG,
        pk=row["last"],
        on=date.fromisoformat(row["period"]),
        title=title,
        text="\n\n".join(row["told"]),
        seen_by=str(Level.GENERAL.label),
        icon="clipboard-document-check" if not told else "chat-bubble-left-right",
        level="soon" if told else ("ok" if row["answered"] else "none"),
        url=numbered("contacts:check_ups").format(student.pk),
    )
