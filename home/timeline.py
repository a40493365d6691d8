"""What a student said of how they felt, on their timeline: a line a day, for those who read their sheets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from keywork.access import Can, allows
from keywork.finding import saying
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider
from keywork.words import worded
from tsp.models import Feeling
from tsp.rating import rules

KIND = "feeling"


class FeelingTimeline(TimelineProvider):
    """The timeline provider of feelings."""

    kinds = {KIND: "How they felt"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.VIEW_SHEETS, asked.student):
            return ()
        return [Rows(KIND, _rows, partial(_found, asked.student), matching=_matching)]


def _found(student: Any, row: Any) -> Found:
    return Found(row.on, KIND, row.pk, partial(_entry, row, student))


def _rows(student_id: int) -> QuerySet:
    return Feeling.objects.standing().filter(student=student_id)


def _matching(search: str) -> Q:
    said = [value for value, label in Feeling.Word.choices if search.lower() in label.lower()]
    return saying(("words",), search) | Q(word__in=said)


def _entry(row: Feeling, student: Any) -> Entry:
    name = student.known_as
    prompt = rules.asks_for_a_talk(row.word)
    return Entry(
        kind=KIND,
        pk=row.pk,
        on=row.on,
        title=f"{name} felt {row.word}",
        who=name,
        text=f"“{row.words}”" if row.words else "",
        seen_by=f"Core team and the {worded('student')}, and whom {name} chose at home"
        if row.share_with_home
        else worded("Core team and the student"),
        icon="face-smile" if not prompt else "face-frown",
        note="To talk about, and to think about safeguarding" if prompt else "",
    )
