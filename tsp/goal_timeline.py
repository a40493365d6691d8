"""What goals show on a student's timeline: levels agreed, goals scored, goals withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    F,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, TruncDate

from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.compiled import Compiled
from keywork.dates import LONDON
from keywork.finding import saying
from keywork.levels import Level
from keywork.school import SchoolFacts
from keywork.timeline import Entry, Found, TimelineProvider

from . import rules
from .models import Goal, GoalScore, Ladder

CORE_TEAM = Level.GENERAL.label
EVERYONE = "The student, home and the core team"
SEARCHED = {
    "goal_agreed": ("goal__student_words",),
    "goal_scored": ("goal__student_words", "evidence"),
    "goal_withdrawn": ("student_words", "withdrawn_reason"),
}


class GoalTimeline(TimelineProvider):
    """The timeline provider of goals: for whoever reads the TSP."""

    kinds = {
        "goal_agreed": "Goals agreed",
        "goal_scored": "Goals scored",
        "goal_withdrawn": "Goals withdrawn",
    }

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
        if not allows(reader, Can.VIEW_TSP, student):
            return ()
        wanted = [kind for kind in self.kinds if not kinds or kind in kinds]
        if not wanted:
            return ()
        search = search.strip()
        if search or before or len(wanted) < len(self.kinds):
            rows = _newest(wanted, student.pk, limit, search, before)
            return [_found(Row(*values)) for values in rows]
        asked = _newest_of_all(limit).rows(student.pk)  # what most people ask for
        return [_found(Row(*values)) for values in asked]


def _found(row: Row) -> Found:
    return Found(row.day, row.kind, row.key, partial(_TOLD[row.kind], row))


def _newest(
    kinds: Iterable[str], student_id: int, limit: int, search: str = "", before: tuple | None = None
) -> QuerySet:
    first, *others = (_rows(kind, student_id, search, before) for kind in kinds)
    rows = first.union(*others, all=True) if others else first
    return rows.order_by("-t_day", "-t_kind", "-t_key")[:limit]


@cache
def _newest_of_all(limit: int) -> Compiled:
    return Compiled(lambda student_id: _newest(GoalTimeline.kinds, student_id, limit), -1)


class Row(NamedTuple):
    """One line of any of the three kinds; `number` is that of the ladder, or the level of a score."""

    kind: str
    key: int
    day: date
    goal_id: int
    words: str
    text: str
    who: str
    checker: str
    number: int
    partial: bool
    second: bool
    voided: str


def _rows(kind: str, student_id: int, search: str, before: tuple | None) -> QuerySet:
    """One kind in the columns of `Row`, so that all three make one query."""
    rows, columns = _source(kind, student_id)
    named = {
        f"t_{name}": Cast(column, _TYPES.get(name, TextField()))
        for name, column in zip(Row._fields, (Value(kind), *columns), strict=True)
    }
    rows = rows.annotate(**named).filter(_older(kind, before))
    if search:
        rows = rows.filter(saying(SEARCHED[kind], search))
    return rows.order_by().values_list(*named)


_TYPES: Mapping[str, Any] = {
    "key": BigIntegerField(),
    "day": DateField(),
    "goal_id": BigIntegerField(),
    "number": IntegerField(),
    "partial": BooleanField(),
    "second": BooleanField(),
}


def _source(kind: str, student_id: int) -> tuple[QuerySet, tuple[Any, ...]]:
    """The rows of one kind, and what stands in each column of `Row` after its kind."""
    none, no = Value(""), Value(False)
    match kind:
        case "goal_agreed":
            return Ladder.objects.filter(goal__student=student_id, agreed_at__isnull=False), (
                F("pk"),
                TruncDate("agreed_at", tzinfo=LONDON),
                F("goal"),
                F("goal__student_words"),
                F("reason"),
                F("written_by__name"),
                Coalesce(F("checked_by__name"), none),
                F("number"),
                no,
                no,
                none,
            )
        case "goal_scored":
            return GoalScore.objects.filter(goal__student=student_id), (
                F("pk"),
                F("scored_on"),
                F("goal"),
                F("goal__student_words"),
                F("evidence"),
                F("by__name"),
                none,
                F("level"),
                F("partial"),
                F("second"),
                F("void_reason"),
            )
    return Goal.objects.filter(student=student_id, withdrawn_at__isnull=False), (
        F("pk"),
        TruncDate("withdrawn_at", tzinfo=LONDON),
        F("pk"),
        F("student_words"),
        F("withdrawn_reason"),
        Coalesce(F("withdrawn_by__name"), none),
        none,
        Value(0),
        no,
        no,
        none,
    )


def _url(goal_id: int) -> str:
    return numbered("tsp:goal").format(goal_id)


def _agreed(row: Row) -> Entry:
    first = row.number == 1
    checked = f" · checked by {row.checker}" if row.checker else ""
    return Entry(
        kind="goal_agreed",
        pk=row.key,
        on=row.day,
        title="Goal agreed" if first else "New levels agreed for a goal",
        who=f"{row.who}{checked}",
        text=f"“{row.words}”" + ("" if first else f"\nWhy: {row.text}"),
        seen_by=EVERYONE if first else CORE_TEAM,
        icon="flag",
        level="brand",
        url=_url(row.goal_id),
    )


def _scored(row: Row) -> Entry:
    level, partial = row.number, row.partial
    title = f"Goal at {rules.level_label(level)}: {rules.level_in_words(level, partial).lower()}"
    return Entry(
        kind="goal_scored",
        pk=row.key,
        on=row.day,
        title=f"A second view: {title[0].lower()}{title[1:]}" if row.second else title,
        who=row.who,
        text=f"“{row.words}”\n{row.text}",
        seen_by=CORE_TEAM,
        icon="flag",
        level="info" if row.second else "ok" if level >= 0 else "none",
        voided=row.voided,
        url=_url(row.goal_id),
    )


def _withdrawn(row: Row) -> Entry:
    return Entry(
        kind="goal_withdrawn",
        pk=row.key,
        on=row.day,
        title="Goal withdrawn",
        who=row.who,
        text=f"“{row.words}”\nWhy: {row.text}",
        seen_by=CORE_TEAM,
        icon="flag",
        url=_url(row.goal_id),
    )


_TOLD: Mapping[str, Callable[[Row], Entry]] = {
    "goal_agreed": _agreed,
    "goal_scored": _scored,
    "goal_withdrawn": _withdrawn,
}


def _older(kind: str, before: tuple | None) -> Q:
    """Rows of one kind after `before`, when all kinds are read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, before_kind, pk = before
    if kind < before_kind:
        return Q(t_day__lte=on)
    older = Q(t_day__lt=on)
    return older | Q(t_day=on, pk__lt=pk) if kind == before_kind else older
