"""What soft tools show on a student's timeline: done or declined sheets, observations, restorative records.

An entry stands there for exactly those who may know of its sheet (tsp.sheets.permissions), with its words for those who read
it; a search looks only into words the reader may read. The social circle map never tells its people here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    CharField,
    Exists,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast

from keywork.addresses import numbered
from keywork.finding import containing, said_in
from keywork.timeline import Asked, Entry, Found, Place, Rows, TimelineProvider
from keywork.words import worded
from questionnaires import fields

from ..models import Answer, Sheet, Tool
from ..models.sheet import SheetQuerySet
from ..questions import templates
from . import permissions as sheet_permissions
from .lines import author_of
from .soft_tools import STUDENT_TOOLS, TOOLS, readers

KIND_OF: Mapping[str, str] = {Tool.OBSERVATION: "observation", Tool.RESTORATIVE: "repair"}
SHEET = "sheet"
# What an entry and the rules of seeing need of a sheet.
_SHOWN = (
    "student", "tool", "template", "wording", "member__forename", "member__surname", "member__user", "happened_on",
    "author__name", "author_words", "done_at", "declined_at", "declined_words", "share_with_home", "voided_at",
    "void_reason",
)  # fmt: skip
_LONGEST = 320  # characters of a sheet told on the timeline; the rest is a click away


class SheetTimeline(TimelineProvider):
    kinds = {SHEET: "Sheets", "observation": "Observations", "repair": "Restorative conversations"}

    def rows(self, asked: Asked) -> Sequence[Rows] | None:
        """For those who know of every sheet of this student, as most people do."""
        student, reader = asked.student, asked.reader
        if sheet_permissions.tools_known_of(reader, student)[1]:
            return None
        found = partial(_row, student=student, reader=reader)
        return [Rows("", _of_student, found, fixed=(("kinds", asked.kinds),), day="happened_on")]

    def newest(self, asked: Asked) -> Sequence[Found]:
        """One query, however many sheets."""
        student, reader = asked.student, asked.reader
        known = _rows(sheet_permissions.known_of(reader, student), asked.kinds)
        rows = known.filter(_older(asked.before), _matching(reader, asked.search))[: asked.limit]
        return [_row(row, student, reader) for row in rows]


def _of_student(student_id: int, *, kinds: frozenset[str]) -> QuerySet:
    return _rows(Sheet.objects.filter(student=student_id), kinds)


def _rows(sheets: SheetQuerySet, kinds: frozenset[str]) -> QuerySet:
    """What has ended of these, of some kinds, newest first."""
    return _ended(sheets).filter(kind__in=kinds).order_by("-happened_on", "-kind", "-pk")


def _row(sheet: Any, student: Any, reader: Any) -> Found:
    sheet.student = student
    return Found(sheet.happened_on, sheet.kind, sheet.pk, partial(_entry_of, sheet, reader))


def _entry_of(sheet: Any, reader: Any) -> Entry:
    return _entry(sheet, _words(reader, sheet))


def _ended(rows: SheetQuerySet) -> QuerySet:
    """What has ended of these; beside its fields each has its `kind`, `digest` and `said`, the answers as JSON text."""
    answers = (
        Answer.objects.filter(sheet=OuterRef("pk"))
        .order_by()
        .values("sheet")
        .values(all=Aggregate("field", "value", function="jsonb_object_agg", output_field=JSONField()))
    )
    known = [When(tool=tool, then=Value(kind)) for tool, kind in KIND_OF.items()]
    return (
        rows.filter(Q(done_at__isnull=False) | Q(declined_at__isnull=False))
        .annotate(
            kind=Case(*known, default=Value(SHEET), output_field=CharField()),
            digest=F("template__digest"),
            said=Cast(Subquery(answers), TextField()),
        )
        .select_related(None)
        .select_related("author", "member")
        .only(*_SHOWN)
    )


def _older(before: Place | None) -> Q:
    """Rows that come after `before` when everything is read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, kind, pk = before
    return Q(happened_on__lt=on) | Q(happened_on=on, kind__lt=kind) | Q(happened_on=on, kind=kind, pk__lt=pk)


def _matching(reader: Any, search: str) -> Q:
    """Words on the sheet, for who reads it; why it was declined, for who knows of it."""
    if not search or "\x00" in search:
        return Q() if not search else Q(pk__in=())
    said = Answer.objects.filter(sheet=OuterRef("pk"))
    every = Q()
    for word in search.split():
        every &= Q(Exists(said.filter(said_in("value", word))))
    return every & sheet_permissions.read_by(reader) | containing(("declined_words",), search)


def _words(reader: Any, sheet: Any) -> dict[str, list[str]]:
    """The answers in words, for somebody who may read them here."""
    shut = sheet.tool == Tool.CIRCLE or sheet.declined_at is not None or sheet.said is None
    if shut or not sheet_permissions.may_read(reader, sheet):
        return {}
    told = json.loads(sheet.said)
    form = templates.published(sheet.template_id, sheet.digest)
    return {
        one.slug: fields.in_words(one, told[one.slug], form)
        for one in form.tool(sheet.tool).fields
        if one.slug in told
    }


def _entry(row: Any, words: Mapping[str, list[str]]) -> Entry:
    declined = row.declined_at is not None
    text, agreed, tags = _said(row, words)
    at_home = row.wording == Sheet.Wording.PARENT and row.tool == Tool.REGULATION
    return Entry(
        kind=row.kind,
        pk=row.pk,
        on=row.happened_on,
        title=_title(row) + (": would rather not" if declined else ""),
        who=_who(row),
        text=f"“{row.declined_words}”" if declined and row.declined_words else text,
        agreed=agreed,
        tags=tags,
        seen_by=worded("Every member of staff, the student and who wrote it")
        if at_home
        else readers(row.tool),
        restricted=row.tool == Tool.CIRCLE,
        icon=TOOLS[row.tool].icon,
        url=numbered("tsp:sheet").format(row.pk),
        level="none" if declined else "ok",
        voided=row.void_reason,
    )


def _title(row: Sheet) -> str:
    if row.tool == Tool.PARENT and row.member is not None:
        return f"Conversation sheet with {row.member.name}"
    if row.tool == Tool.REGULATION and row.wording == Sheet.Wording.PARENT:
        return "Regulation map: the view from home"
    return str(Tool(row.tool).label)


def _who(row: Sheet) -> str:
    writer = author_of(row)
    if row.tool in STUDENT_TOOLS and row.wording == Sheet.Wording.STAFF:
        return f"{row.student.known_as}, with {writer}"
    return writer


def _said(row: Sheet, words: Mapping[str, list[str]]) -> tuple[str, str, tuple[str, ...]]:
    """Text, what was agreed, and tags."""
    if row.tool == Tool.OBSERVATION:
        tags = (*words.get("setting", ()), *words.get("support-given", ()))
        # "None" by itself would not say of what.
        told = tuple(one.capitalize() if one.lower() != "none" else "No support given" for one in tags)
        return _short(words.get("what-happened", [])), "", told
    if row.tool == Tool.RESTORATIVE:
        return _short(words.get("what-happened", [])), "; ".join(words.get("agreed", [])), ()
    first = [line for lines in words.values() for line in lines]
    return _short(first[:2]), "", ()


def _short(lines: list[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"
