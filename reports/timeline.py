"""What families say about their reports, on the student's timeline: for those who read it beside the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from keywork import prepared
from keywork.access import Can, allows
from keywork.clock import LONDON
from keywork.finding import saying
from keywork.school import SchoolFacts
from keywork.timeline import Entry, Found, TimelineProvider
from keywork.words import worded

from .models import ReportComment

KIND = "comment"


class CommentTimeline(TimelineProvider):
    """The timeline provider of comments on reports."""

    kinds = {KIND: "What home says of reports"}

    def newest(
        self,
        student: Any,
        reader: Any,
        *,
        kinds: frozenset[str],
        search: str,
        before: tuple | None,
        limit: int,
        school: SchoolFacts,
    ) -> Sequence[Found]:
        """One query, none for who makes no reports on the student."""
        if not allows(reader, Can.MAKE_REPORTS, student):
            return ()
        search = search.strip()
        if not search and not before:  # what most people ask for
            rows: Iterable[Any] = prepared.rows(_newest, student.pk, limit=limit)
        else:
            rows = _rows(student.pk).filter(_older(before), _matching(search))[:limit]
        return [Found(row.on, KIND, row.pk, partial(_entry, row, student)) for row in rows]


def _rows(student_id: int) -> QuerySet:
    on = TruncDate("said_at", tzinfo=LONDON)
    found = ReportComment.objects.filter(report__student=student_id).annotate(on=on)
    shown = ("pk", "on", "words", "report__title", "member__forename", "member__surname")
    return found.order_by("-on", "-pk").values_list(*shown, named=True)


def _newest(student_id: int, *, limit: int) -> QuerySet:
    return _rows(student_id)[:limit]


def _older(before: tuple | None) -> Q:
    """Rows that come after `before` when everything is read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, kind, pk = before
    if kind > KIND:
        return Q(on__lte=on)
    return Q(on__lt=on) | Q(on=on, pk__lt=pk) if kind == KIND else Q(on__lt=on)


def _matching(search: str) -> Q:
    return (
        Q(pk__in=()) if "\x00" in search else saying(("words", "member__forename", "member__surname"), search)
    )


def _entry(row: Any, student: Any) -> Entry:
    name = f"{row.member__forename} {row.member__surname}".strip()
    return Entry(
        kind=KIND,
        pk=row.pk,
        on=row.on,
        title=f"{name} wrote about a report",
        who=row.report__title,
        text=row.words,
        seen_by=worded("The keyworker, the deputy and those who make reports for the school"),
        icon="chat-bubble-left-right",
        url=reverse("reports:student", args=[student.pk]),
    )
