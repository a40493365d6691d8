"""What goals show on a student's timeline: levels agreed, goals scored, goals withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from keywork.access import Can, allows
from keywork.dates import LONDON
from keywork.levels import Level
from keywork.school import SchoolFacts
from keywork.timeline import Entry

from . import rules
from .models import Goal, GoalScore, Ladder

CORE_TEAM = Level.GENERAL.label
EVERYONE = "The student, home and the core team"
SEARCHED = {
    "goal_agreed": ("goal__student_words",),
    "goal_scored": ("goal__student_words", "evidence"),
    "goal_withdrawn": ("student_words", "withdrawn_reason"),
}


class GoalTimeline:
    """The timeline provider of goals (keywork.timeline.TimelineProvider): for whoever reads the TSP."""

    kinds = {
        "goal_agreed": "Goals agreed",
        "goal_scored": "Goals scored",
        "goal_withdrawn": "Goals withdrawn",
    }

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
        if not allows(reader, Can.VIEW_TSP, student):
            return []
        search = search.strip()
        found: list[Entry] = []
        for kind, (rows, tell) in _sources(student.pk).items():
            if kinds and kind not in kinds:
                continue
            rows = rows.filter(_older(kind, before)).order_by("-day", "-pk")
            if search:
                wanted = Q()
                for field in SEARCHED[kind]:
                    wanted |= Q(**{f"{field}__icontains": search})
                rows = rows.filter(wanted)
            found += [tell(row) for row in rows[:limit]]
        found.sort(key=lambda one: (one.on, one.kind, one.pk), reverse=True)
        return found[:limit]


def _sources(student_id: int) -> dict[str, tuple[QuerySet, Callable[[Any], Entry]]]:
    """Kind to its rows, each with the civil `day` it stands under, and how one is told."""
    return {
        "goal_agreed": (
            Ladder.objects.filter(goal__student=student_id, agreed_at__isnull=False)
            .annotate(day=TruncDate("agreed_at", tzinfo=LONDON))
            .select_related("goal", "checked_by", "written_by"),
            _agreed,
        ),
        "goal_scored": (
            GoalScore.objects.filter(goal__student=student_id)
            .annotate(day=F("scored_on"))
            .select_related("goal", "by"),
            _scored,
        ),
        "goal_withdrawn": (
            Goal.objects.filter(student=student_id, withdrawn_at__isnull=False)
            .annotate(day=TruncDate("withdrawn_at", tzinfo=LONDON))
            .select_related("withdrawn_by"),
            _withdrawn,
        ),
    }


def _url(goal_id: int) -> str:
    return reverse("tsp:goal", args=[goal_id])


def _agreed(row: Any) -> Entry:
    first = row.number == 1
    checked = f" · checked by {row.checked_by.name}" if row.checked_by else ""
    return Entry(
        kind="goal_agreed",
        pk=row.pk,
        on=row.day,
        title="Goal agreed" if first else "New levels agreed for a goal",
        who=f"{row.written_by.name}{checked}",
        text=f"“{row.goal.student_words}”" + ("" if first else f"\nWhy: {row.reason}"),
        seen_by=EVERYONE if first else CORE_TEAM,
        icon="flag",
        level="brand",
        url=_url(row.goal_id),
    )


def _scored(row: Any) -> Entry:
    title = f"Goal at {rules.level_label(row.level)}: {rules.level_in_words(row.level, row.partial).lower()}"
    return Entry(
        kind="goal_scored",
        pk=row.pk,
        on=row.scored_on,
        title=f"A second view: {title[0].lower()}{title[1:]}" if row.second else title,
        who=row.by.name,
        text=f"“{row.goal.student_words}”\n{row.evidence}",
        seen_by=CORE_TEAM,
        icon="flag",
        level="info" if row.second else "ok" if row.level >= 0 else "none",
        voided=row.void_reason,
        url=_url(row.goal_id),
    )


def _withdrawn(row: Any) -> Entry:
    return Entry(
        kind="goal_withdrawn",
        pk=row.pk,
        on=row.day,
        title="Goal withdrawn",
        who=row.withdrawn_by.name if row.withdrawn_by else "",
        text=f"“{row.student_words}”\nWhy: {row.withdrawn_reason}",
        seen_by=CORE_TEAM,
        icon="flag",
        url=_url(row.pk),
    )


def _older(kind: str, before: tuple | None) -> Q:
    """Rows of one kind after `before`, when all kinds are read newest first by (on, kind, pk)."""
    if before is None:
        return Q()
    on, before_kind, pk = before
    if kind < before_kind:
        return Q(day__lte=on)
    older = Q(day__lt=on)
    return older | Q(day=on, pk__lt=pk) if kind == before_kind else older
