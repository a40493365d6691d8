"""What a student said of how they felt, on their timeline: a line a day, for those who read their sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from keywork import prepared
from keywork.access import Can, allows
from keywork.finding import saying
from keywork.school import SchoolFacts
from keywork.timeline import Entry, Found, TimelineProvider
from keywork.words import worded
from tsp.models import Feeling
from tsp.rating import rules

KIND = "feeling"


class FeelingTimeline(TimelineProvider):
    """The timeline provider of feelings."""

    kinds = {KIND: "How they felt"}

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
        """One query, none for who reads nothing of it."""
        if not allows(reader, Can.VIEW_SHEETS, student):
            return ()
        search = search.strip()
        if not search and not before:  # what most people ask for
            rows: Iterable[Feeling] = prepared.rows(_newest, student.pk, limit=limit)
        else:
            rows = _rows(student.pk).filter(_older(before), _matching(search))[:limit]
        return [_found(row, student) for row in rows]


def _rows(student_id: int) -> QuerySet:
    return Feeling.objects.standing().filter(student=student_id)


def _newest(student_id: int, *, limit: int) -> QuerySet:
    return _rows(student_id)[:limit]


def _found(row: Feeling, student: Any) -> Found:
    return Found(row.on, KIND, row.pk, partial(_entry, row, student))


def _older(before: tuple | None) -> Q:
    """Rows that come after `before` when everything is read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, kind, pk = before
    if kind > KIND:
        return Q(on__lte=on)
    return Q(on__lt=on) | Q(on=on, pk__lt=pk) if kind == KIND else Q(on__lt=on)


def _matching(search: str) -> Q:
    if not search:
        return Q()
    if "\x00" in search:
        return Q(pk__in=())
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
