"""Finding plans, documents, reviews, meetings and decisions by their words, over all the records someone may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from keywork.access import Can
from keywork.dates import london_date
from keywork.finding import containing, excerpt

from .documents.models import FiledDocument
from .documents.timeline import SEARCHED
from .meetings.timeline import said_in
from .models import Decision, Meeting
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
    found = [shown(row, typed) for rows, shown in SOURCES for row in rows(user, typed)[:most]]
    return sorted(found, key=lambda one: one.on, reverse=True)[:most]


def _excerpt(words: Iterable[str], typed: str) -> SafeString:
    return excerpt(" · ".join(filter(None, words)), typed)


def _meetings(user: Any, typed: str) -> QuerySet[Meeting]:
    """By agenda, minutes, place or summary."""
    rows = Meeting.objects.readable_by(user).filter(said_in(typed))
    return rows.select_related("student").prefetch_related("agenda").order_by("-on", "-pk")


def _meeting(row: Meeting, typed: str) -> FoundWords:
    points = [words for item in row.agenda.all() for words in (item.title, item.said)]
    words = _excerpt((row.place, row.summary, *points), typed)
    url = reverse("care:meeting", args=[row.student_id, row.pk])
    return FoundWords(row.on, row.named.name, row.student, words, url)


def _decisions(user: Any, typed: str) -> QuerySet[Decision]:
    rows = Decision.objects.visible_to(user, Can.VIEW_MEETINGS).filter(containing(("what", "why"), typed))
    return rows.select_related("student").order_by("-announced_at", "-pk")


def _decision(row: Decision, typed: str) -> FoundWords:
    words = excerpt(f"{row.what} · {row.why}", typed)
    url = reverse("care:decision", args=[row.student_id, row.pk])
    return FoundWords(london_date(row.announced_at), "Decision", row.student, words, url)


def _documents(user: Any, typed: str) -> QuerySet[FiledDocument]:
    """Those that stand, by title, by whom they are from, and by their own words."""
    rows = FiledDocument.objects.readable_by(user).standing().filter(containing(SEARCHED, typed))
    return rows.select_related("student").order_by("-dated_on", "-pk")


def _document(row: FiledDocument, typed: str) -> FoundWords:
    words = _excerpt((getattr(row, name) for name in SEARCHED), typed)
    url = reverse("care:document", args=[row.student_id, row.pk])
    return FoundWords(row.dated_on, row.get_kind_display(), row.student, words, url)


def _reviews(user: Any, typed: str) -> QuerySet[Review]:
    """Those that were held, by what was said in them."""
    rows = Review.objects.visible_to(user, Can.VIEW_REVIEWS).filter(containing(SAID_IN_REVIEW, typed))
    held = rows.filter(voided_at__isnull=True, held_on__isnull=False)
    return held.select_related("student").order_by("-held_on", "-pk")


def _review(row: Review, typed: str) -> FoundWords:
    assert row.held_on is not None  # as asked for
    words = _excerpt((getattr(row, name) for name in SAID_IN_REVIEW), typed)
    url = reverse("care:review", args=[row.student_id, row.pk])
    return FoundWords(row.held_on, "Review of the EHC plan", row.student, words, url)


def _plans(user: Any, typed: str) -> QuerySet[PlanVersion]:
    """The versions in force that this person may read."""
    rows = PlanVersion.objects.readable_by(user).newest().filter(matching(typed))
    return rows.select_related("plan__student").order_by("-written_on", "-pk")


def _plan(row: PlanVersion, typed: str) -> FoundWords:
    words = excerpt(" · ".join([row.why, *row.words.values()]), typed)
    url = reverse("care:kept", args=[row.plan.student_id, row.plan.kind])
    title = f"{row.plan.of_kind.name}, version {row.number}"
    return FoundWords(row.written_on, title, row.plan.student, words, url)


SOURCES: tuple[tuple[Callable[..., QuerySet[Any]], Callable[..., FoundWords]], ...] = (
    (_plans, _plan),
    (_documents, _document),
    (_reviews, _review),
    (_meetings, _meeting),
    (_decisions, _decision),
)
