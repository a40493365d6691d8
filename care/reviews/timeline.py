"""Reviews that were held on a student's timeline, for those who read reviews."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from keywork.access import Can, allows
from keywork.finding import containing
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider

from .models import Review

KIND = "review"
WORDS = ("record", "progress", "differences", "decision_words")
DECISIONS = dict(Review.Decision.choices)


class ReviewTimeline(TimelineProvider):
    """The timeline provider of reviews."""

    kinds = {KIND: "Reviews"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.VIEW_REVIEWS, asked.student):
            return ()
        return [Rows(KIND, _rows, partial(_found, asked.student), matching=matching)]


def matching(search: str) -> Q:
    """Every typed word, each somewhere in what was said."""
    return containing(WORDS, search)


def _rows(student_id: int) -> QuerySet:
    found = (
        Review.objects.standing().filter(student=student_id, held_on__isnull=False).annotate(on=F("held_on"))
    )
    shown = ("pk", "on", "record", "decision", "led_by__name")
    return found.order_by("-on", "-pk").values_list(*shown, named=True)


def _found(student: Any, row: Any) -> Found:
    return Found(row.on, KIND, row.pk, partial(_entry, student, row))


def _entry(student: Any, row: Any) -> Entry:
    return Entry(
        kind=KIND,
        pk=row.pk,
        on=row.on,
        title="Review of the EHC plan",
        who=row.led_by__name or "",
        text=row.record,
        note=f"The authority: {DECISIONS[row.decision].lower()}" if row.decision else "",
        seen_by="Core team, and those who lead",
        icon="document-text",
        url=reverse("care:review", args=[student.pk, row.pk]),
    )
