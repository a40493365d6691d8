"""What goals show on a student's timeline: levels agreed, goals scored, goals withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate

from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.dates import LONDON
from keywork.finding import containing
from keywork.levels import Level
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider
from keywork.words import worded_lazy
from tsp.models import GasScale, Goal, GoalScore
from tsp.rating import rules

CORE_TEAM = Level.GENERAL.label
EVERYONE = worded_lazy("The student, home and the core team")
SEARCHED = {
    "goal_agreed": ("goal__student_words",),
    "goal_scored": ("goal__student_words", "evidence"),
    "goal_withdrawn": ("student_words", "withdrawn_reason"),
}


class GoalTimeline(TimelineProvider):
    """For whoever reads the TSP."""

    kinds = {
        "goal_agreed": "Goals agreed",
        "goal_scored": "Goals scored",
        "goal_withdrawn": "Goals withdrawn",
    }

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.VIEW_TSP, asked.student):
            return ()
        return [
            Rows(
                kind,
                _rows,
                partial(_row, kind),
                fixed=(("what", kind),),
                matching=partial(containing, SEARCHED[kind]),
                day="day",
            )
            for kind in self.kinds
            if kind in asked.kinds
        ]


def _row(kind: str, row: Any) -> Found:
    return Found(row.day, kind, row.pk, partial(_TOLD[kind], row))


def _rows(student_id: int, *, what: str) -> QuerySet:
    """One kind, newest first, each with the `day` it stands under, the goal's `words` and `who` did it."""
    match what:
        case "goal_agreed":
            scales = GasScale.objects.filter(goal__student=student_id, agreed_at__isnull=False).annotate(
                day=TruncDate("agreed_at", tzinfo=LONDON),
                words=F("goal__student_words"),
                who=F("written_by__name"),
                checker=F("checked_by__name"),
            )
            return scales.values_list(*_SHOWN, "reason", "checker", "number", named=True).order_by(*_NEWEST)
        case "goal_scored":
            scores = GoalScore.objects.filter(goal__student=student_id).annotate(
                day=F("scored_on"), words=F("goal__student_words"), who=F("by__name")
            )
            return scores.values_list(
                *_SHOWN, "evidence", "level", "partial", "second", "void_reason", named=True
            ).order_by(*_NEWEST)
    goals = Goal.objects.filter(student=student_id, withdrawn_at__isnull=False).annotate(
        day=TruncDate("withdrawn_at", tzinfo=LONDON),
        goal_id=F("pk"),
        words=F("student_words"),
        who=F("withdrawn_by__name"),
    )
    return goals.values_list(*_SHOWN, "withdrawn_reason", named=True).order_by(*_NEWEST)


_NEWEST = ("-day", "-pk")
_SHOWN = ("day", "pk", "goal_id", "words", "who")


def _entry(kind: str, row: Any, title: str, more: str, **told: Any) -> Entry:
    given = {"who": row.who or "", "seen_by": CORE_TEAM, **told}
    url = numbered("goals:goal").format(row.goal_id)
    text = f"“{row.words}”{more}"
    return Entry(kind=kind, pk=row.pk, on=row.day, title=title, text=text, icon="flag", url=url, **given)


def _agreed(row: Any) -> Entry:
    first = row.number == 1
    checked = f" · checked by {row.checker}" if row.checker else ""
    return _entry(
        "goal_agreed",
        row,
        "Goal agreed" if first else "New levels agreed for a goal",
        "" if first else f"\nWhy: {row.reason}",
        who=f"{row.who}{checked}",
        seen_by=EVERYONE if first else CORE_TEAM,
        level="brand",
    )


def _scored(row: Any) -> Entry:
    level = row.level
    title = f"Goal at {rules.level_label(level)}: {rules.level_in_words(level, row.partial).lower()}"
    return _entry(
        "goal_scored",
        row,
        f"A second view: {title[0].lower()}{title[1:]}" if row.second else title,
        f"\n{row.evidence}",
        level="info" if row.second else "ok" if level >= 0 else "none",
        voided=row.void_reason,
    )


def _withdrawn(row: Any) -> Entry:
    return _entry("goal_withdrawn", row, "Goal withdrawn", f"\nWhy: {row.withdrawn_reason}")


_TOLD: Mapping[str, Callable[[Any], Entry]] = {
    "goal_agreed": _agreed,
    "goal_scored": _scored,
    "goal_withdrawn": _withdrawn,
}
