"""Finding plans and documents by their words, over all the records someone may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from keywork.access import Can
from keywork.dates import london_date
from keywork.finding import containing, excerpt

from .documents.models import FiledDocument
from .documents.timeline import SEARCHED
from .meetings.finding import decisions_saying, meetings_saying
from .models import Meeting
from .plans.models import PlanVersion
from .plans.timeline import matching
from .reviews.models import Review
from .reviews.timeline import WORDS as SAID_IN_REVIEW


@dataclass(frozen=True, slots=True)
class FoundWords:
    """What holds the typed words, and what it says round them. Showing it is reading it: leave a row."""

    on: date
    kind: str
    student: Any
    words: SafeString
    url: str


def kept_saying(user: Any, typed: str, *, most: int) -> list[FoundWords]:
    """The newest plans, documents, reviews, meetings and decisions that hold every typed word; six queries."""
    found = [
        *plans_saying(user, typed, most=most),
        *documents_saying(user, typed, most=most),
        *reviews_saying(user, typed, most=most),
        *_of_meetings(user, typed, most),
    ]
    return sorted(found, key=lambda one: one.on, reverse=True)[:most]


def _of_meetings(user: Any, typed: str, most: int) -> list[FoundWords]:
    meetings = [
        FoundWords(
            row.on,
            row.named.name,
            row.student,
            excerpt(" · ".join(filter(None, (row.place, row.summary, *_said(row)))), typed),
            reverse("care:meeting", args=[row.student_id, row.pk]),
        )
        for row in meetings_saying(user, typed, most=most)
    ]
    decisions = [
        FoundWords(
            london_date(row.announced_at),
            "Decision",
            row.student,
            excerpt(f"{row.what} · {row.why}", typed),
            reverse("care:decision", args=[row.student_id, row.pk]),
        )
        for row in decisions_saying(user, typed, most=most)
    ]
    return [*meetings, *decisions]


def _said(row: Meeting) -> list[str]:
    return [words for item in row.agenda.all() for words in (item.title, item.said)]


def documents_saying(user: Any, typed: str, *, most: int) -> list[FoundWords]:
    """The newest that stand, by title, by whom they are from, and by their own words."""
    rows = (
        FiledDocument.objects.readable_by(user)
        .standing()
        .filter(containing(SEARCHED, typed))
        .select_related("student")
        .order_by("-dated_on", "-pk")[:most]
    )
    return [
        FoundWords(
            row.dated_on,
            row.get_kind_display(),
            row.student,
            excerpt(" · ".join(filter(None, (getattr(row, name) for name in SEARCHED))), typed),
            reverse("care:document", args=[row.student_id, row.pk]),
        )
        for row in rows
    ]


def reviews_saying(user: Any, typed: str, *, most: int) -> list[FoundWords]:
    """The newest reviews that were held, by what was said in them."""
    rows = (
        Review.objects.visible_to(user, Can.VIEW_REVIEWS)
        .filter(containing(SAID_IN_REVIEW, typed), voided_at__isnull=True, held_on__isnull=False)
        .select_related("student")
        .order_by("-held_on", "-pk")[:most]
    )
    return [
        FoundWords(
            row.held_on,
            "Review of the EHC plan",
            row.student,
            excerpt(" · ".join(filter(None, (getattr(row, name) for name in SAID_IN_REVIEW))), typed),
            reverse("care:review", args=[row.student_id, row.pk]),
        )
        for row in rows
        if row.held_on
    ]


def plans_saying(user: Any, typed: str, *, most: int) -> list[FoundWords]:
    """The newest versions of plans in force that hold every typed word, among those this person may read."""
    rows = (
        PlanVersion.objects.readable_by(user)
        .newest()
        .filter(matching(typed))
        .select_related("plan__student")
        .order_by("-written_on", "-pk")[:most]
    )
    return [
        FoundWords(
            row.written_on,
            f"{row.plan.of_kind.name}, version {row.number}",
            row.plan.student,
            excerpt(" · ".join([row.why, *row.words.values()]), typed),
            reverse("care:kept", args=[row.plan.student_id, row.plan.kind]),
        )
        for row in rows
    ]
