"""Filed documents on a student's timeline, for those who read them; their own words are searched too."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from keywork.access import Can
from keywork.finding import containing
from keywork.levels import Level
from keywork.opened_by import levels_of
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider

from .models import FiledDocument

KIND = "document"
SEARCHED = ("title", "author", "words", "text")


class DocumentTimeline(TimelineProvider):
    kinds = {KIND: "Documents"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        levels = tuple(levels_of(asked.reader, asked.student, Can.VIEW_LOG))
        if not levels:
            return ()
        shown, fixed = partial(_found, asked.student), (("levels", levels),)
        return [Rows(KIND, _rows, shown, fixed=fixed, matching=partial(containing, SEARCHED))]


def _rows(student_id: int, *, levels: tuple[str, ...]) -> QuerySet:
    found = FiledDocument.objects.filter(student=student_id, level__in=levels).annotate(on=F("dated_on"))
    shown = ("pk", "on", "kind", "title", "author", "words", "level", "void_reason")
    return found.order_by("-on", "-pk").values_list(*shown, named=True)


def _found(student: Any, row: Any) -> Found:
    return Found(row.on, KIND, row.pk, partial(_entry, student, row))


def _entry(student: Any, row: Any) -> Entry:
    words = row.words if len(row.words) <= 320 else f"{row.words[:320].rstrip()} …"
    return Entry(
        kind=KIND,
        pk=row.pk,
        on=row.on,
        title=f"{FiledDocument.Kind(row.kind).label}: {row.title}",
        who=row.author,
        text=words,
        seen_by=str(Level(row.level).label),
        restricted=row.level != Level.GENERAL,
        icon="document-text",
        voided=row.void_reason,
        url=reverse("care:document", args=[student.pk, row.pk]),
    )
