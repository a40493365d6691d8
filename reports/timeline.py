"""What families say about their reports, on the student's timeline: for those who read it beside the report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from keywork.access import Can, allows
from keywork.clock import LONDON
from keywork.finding import containing
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider
from keywork.words import worded

from .models import ReportComment

KIND = "comment"
SEARCHED = ("words", "member__forename", "member__surname")


class CommentTimeline(TimelineProvider):
    kinds = {KIND: "What home says of reports"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.MAKE_REPORTS, asked.student):
            return ()
        return [Rows(KIND, _rows, partial(_row, asked.student), matching=partial(containing, SEARCHED))]


def _row(student: Any, row: Any) -> Found:
    return Found(row.on, KIND, row.pk, partial(_entry, row, student))


def _rows(student_id: int) -> QuerySet:
    on = TruncDate("said_at", tzinfo=LONDON)
    found = ReportComment.objects.filter(report__student=student_id).annotate(on=on)
    shown = ("pk", "on", "words", "report__title", "member__forename", "member__surname")
    return found.order_by("-on", "-pk").values_list(*shown, named=True)


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
