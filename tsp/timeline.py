"""What soft tools show on a student's timeline: done or declined sheets, observations, restorative records.

An entry stands there for exactly those who may know of its sheet (tsp.seeing), with its words for those who read
it; a search looks only into words the reader may read. The social circle map never tells its people here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import BooleanField, Case, CharField, Exists, F, Func, OuterRef, Q, Value, When
from django.urls import reverse

from keywork.school import SchoolFacts
from keywork.timeline import Entry

from . import fields, seeing, templates
from .models import Answer, Sheet, Tool
from .models.sheet import SheetQuerySet
from .sheet_lines import author_of

KIND_OF: Mapping[str, str] = {Tool.OBSERVATION: "observation", Tool.REPAIR: "repair"}
SHEET = "sheet"
_ICONS = {
    Tool.VOICE: "chat-bubble-left-right",
    Tool.PARENT: "home",
    Tool.STRENGTHS: "star",
    Tool.REGULATION: "heart",
    Tool.CIRCLE: "user-circle",
    Tool.TEAM: "user-group",
    Tool.OBSERVATION: "eye",
    Tool.REPAIR: "hand-raised",
}
_SEEN_BY = {
    Tool.VOICE: "Core team and the student",
    Tool.PARENT: "Core team and the parent or carer who gave it",
    Tool.STRENGTHS: "Every member of staff, the student and home",
    Tool.REGULATION: "Every member of staff, the student and home",
    Tool.CIRCLE: "The student, keyworker, deputy and safeguarding lead",
    Tool.TEAM: "Core team, and whoever wrote it",
    Tool.OBSERVATION: "Core team",
    Tool.REPAIR: "Core team",
}
# A page of the timeline is asked for often: only what an entry and the rules of seeing need is read.
_SHOWN = (
    "tool", "template_id", "wording", "happened_on", "done_at", "declined_at", "declined_words", "voided_at",
    "void_reason", "author_words", "share_with_home", "student__known_as", "student__user", "author__name",
    "member__forename", "member__surname", "member__user",
)  # fmt: skip
_LONGEST = 320  # characters of a sheet told on the timeline; the rest is a click away


class SaidSomewhere(Func):
    """Does a JSON value hold this text in any of its strings? Keys are not what anybody said."""

    output_field = BooleanField()

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        value, value_params = compiler.compile(self.source_expressions[0])
        text, text_params = compiler.compile(self.source_expressions[1])
        sql = (
            f"EXISTS (SELECT 1 FROM jsonb_path_query({value}, '$.**') AS part "
            f"WHERE jsonb_typeof(part) = 'string' AND part #>> '{{}}' ILIKE {text})"
        )
        return sql, [*value_params, *text_params]


class SheetTimeline:
    """The timeline provider of the soft tools (keywork.timeline.TimelineProvider)."""

    kinds = {SHEET: "Sheets", "observation": "Observations", "repair": "Restorative conversations"}

    def entries(
        self,
        student: Any,
        reader: Any,
        *,
        kinds: frozenset[str],
        search: str,
        before: tuple | None,
        limit: int,
        school: SchoolFacts,
    ) -> list[Entry]:
        """Three queries at most, however many sheets."""
        rows = (
            _with_kind(seeing.known_of(reader, student))
            .only(*_SHOWN)
            .filter(kind__in=kinds)
            .filter(Q(done_at__isnull=False) | Q(declined_at__isnull=False))
            .filter(_older(before))
            .filter(_matching(reader, search.strip()))
            .order_by("-happened_on", "-kind", "-pk")
        )
        found = list(rows[:limit])
        told = _answers([row for row in found if _tells_words(reader, row)])
        forms = templates.versions(row.template_id for row in found if row.pk in told) if told else {}
        return [_entry(row, told.get(row.pk, {}), forms) for row in found]


def _with_kind(rows: SheetQuerySet) -> SheetQuerySet:
    known = [When(tool=tool, then=Value(kind)) for tool, kind in KIND_OF.items()]
    return rows.annotate(kind=Case(*known, default=Value(SHEET), output_field=CharField()))


def _older(before: tuple | None) -> Q:
    """Rows that come after `before` when everything is read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, kind, pk = before
    return Q(happened_on__lt=on) | Q(happened_on=on, kind__lt=kind) | Q(happened_on=on, kind=kind, pk__lt=pk)


def _matching(reader: Any, search: str) -> Q:
    """Words on the sheet, for who reads it; why it was declined, for who knows of it."""
    if not search or "\x00" in search:
        return Q() if not search else Q(pk__in=())
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    said = Answer.objects.filter(sheet=OuterRef("pk")).filter(
        SaidSomewhere(F("value"), Value(f"%{escaped}%"))
    )
    return Q(Exists(said)) & seeing.read_by(reader) | Q(declined_words__icontains=search)


def _tells_words(reader: Any, row: Sheet) -> bool:
    return row.tool != Tool.CIRCLE and row.declined_at is None and seeing.may_read(reader, row)


def _answers(rows: Iterable[Sheet]) -> dict[int, dict[str, Any]]:
    pks = [row.pk for row in rows]
    found: dict[int, dict[str, Any]] = {pk: {} for pk in pks}
    if pks:
        for sheet, name, value in Answer.objects.filter(sheet__in=pks).values_list("sheet", "field", "value"):
            found[sheet][name] = value
    return found


def _entry(row: Any, told: Mapping[str, Any], forms: Mapping[int, templates.Template]) -> Entry:
    declined = row.declined_at is not None
    words: dict[str, list[str]] = {}
    if told:
        form = forms[row.template_id]
        words = {
            one.slug: fields.in_words(one, told.get(one.slug), form) for one in form.tool(row.tool).fields
        }
    text, agreed, tags = _told(row, words)
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
        seen_by="Every member of staff, the student and who wrote it" if at_home else _SEEN_BY[row.tool],
        restricted=row.tool == Tool.CIRCLE,
        icon=_ICONS[Tool(row.tool)],
        url=reverse("tsp:sheet", args=[row.pk]),
        level="none" if declined else "ok",
        voided=row.void_reason,
    )


def _title(row: Sheet) -> str:
    if row.tool == Tool.PARENT and row.member is not None:
        return f"Conversation sheet with {row.member.name}"
    if row.tool == Tool.REGULATION and row.wording == Sheet.Wording.PARENT:
        return "Regulation map: the view from home"
    return Tool(row.tool).label


def _who(row: Sheet) -> str:
    writer = author_of(row)
    if row.tool in seeing.STUDENT_TOOLS and row.wording == Sheet.Wording.STAFF:
        return f"{row.student.known_as}, with {writer}"
    return writer


def _told(row: Sheet, words: Mapping[str, list[str]]) -> tuple[str, str, tuple[str, ...]]:
    """Text, what was agreed, and tags."""
    if row.tool == Tool.OBSERVATION:
        tags = (*words.get("setting", ()), *words.get("support-given", ()))
        return _short(words.get("what-happened", [])), "", tuple(one.capitalize() for one in tags)
    if row.tool == Tool.REPAIR:
        return _short(words.get("what-happened", [])), "; ".join(words.get("agreed", [])), ()
    first = [line for lines in words.values() for line in lines]
    return _short(first[:2]), "", ()


def _short(lines: list[str]) -> str:
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else text[:_LONGEST].rsplit(" ", 1)[0] + " …"
