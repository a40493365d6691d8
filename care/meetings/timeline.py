"""Meetings and decisions on a student's timeline, for those who read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse

from keywork import clock
from keywork.access import Can, allows
from keywork.dates import london_date
from keywork.finding import containing
from keywork.levels import Level
from keywork.numbers import in_words
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider
from keywork.words import worded

from ..models import AgendaItem, Decision, Meeting
from ..models.meeting import readable_levels
from .kinds import kind_of

MEETING, DECISION = "gathering", "decision"
_LEVELS = dict(Level.choices)


class MeetingTimeline(TimelineProvider):
    """Its own "meeting" is a way to be in touch with home; here it is a meeting with agenda and minutes."""

    kinds = {MEETING: "Meetings", DECISION: "Decisions"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        found = []
        levels = tuple(readable_levels(asked.reader, asked.student))
        if MEETING in asked.kinds and levels:
            shown, fixed = partial(_meeting, asked.student), (("levels", levels),)
            found.append(Rows(MEETING, _meetings, shown, fixed=fixed, matching=said_in))
        if DECISION in asked.kinds and allows(asked.reader, Can.VIEW_MEETINGS, asked.student):
            shown, matching = partial(_decision, asked.student), partial(containing, ("what", "why"))
            found.append(Rows(DECISION, _decisions, shown, matching=matching, day="announced_at__date"))
        return found


def _meetings(student_id: int, levels: Sequence[str] = ()) -> QuerySet:
    rows = Meeting.objects.filter(student=student_id, level__in=list(levels)).order_by("-on", "-pk")
    told = rows.annotate(agreed=Count("actions"), leader=F("led_by__name"))
    shown = ("pk", "on", "at", "kind", "place", "level", "minutes_at", "void_reason", "agreed", "leader")
    return told.values_list(*shown, named=True)


def said_in(search: str) -> Q:
    """What was said in it, its place, and what home reads of it."""
    points = AgendaItem.objects.filter(containing(("title", "said"), search))
    return Q(pk__in=points.values("meeting")) | containing(("place", "summary"), search)


def _meeting(student: Any, row: Any) -> Found:
    return Found(row.on, MEETING, row.pk, partial(_meeting_entry, student, row))


def _meeting_entry(student: Any, row: Any) -> Entry:
    things = f"{in_words(row.agreed)} {'thing was' if row.agreed == 1 else 'things were'} agreed"
    lacks_minutes = not row.minutes_at and not row.void_reason and row.on <= clock.today()
    return Entry(
        kind=MEETING,
        pk=row.pk,
        on=row.on,
        at=row.at,
        title=kind_of(row.kind).name,
        who=" · ".join(filter(None, (row.leader, row.place))),
        text=f"{things[0].upper()}{things[1:]}" if row.agreed else "",
        seen_by=str(_LEVELS[row.level]),
        restricted=row.level != Level.GENERAL,
        icon="user-group",
        url=reverse("care:meeting", args=[student.pk, row.pk]),
        level="ok" if row.minutes_at else "none",
        voided=row.void_reason,
        voided_as="Called off",
        note="No minutes yet" if lacks_minutes else "",
    )


def _decisions(student_id: int) -> QuerySet:
    rows = Decision.objects.filter(student=student_id).order_by("-announced_at", "-pk")
    return rows.values_list("pk", "announced_at", "what", "why", "decided_by", "withdrawn_reason", named=True)


def _decision(student: Any, row: Any) -> Found:
    return Found(london_date(row.announced_at), DECISION, row.pk, partial(_decision_entry, student, row))


def _decision_entry(student: Any, row: Any) -> Entry:
    return Entry(
        kind=DECISION,
        pk=row.pk,
        on=london_date(row.announced_at),
        title="Decision",
        who=row.decided_by,
        text="\n".join(filter(None, (row.what, row.why))),
        seen_by=worded("Core team, and each at home whom it was shared with"),
        icon="check-circle",
        url=reverse("care:decision", args=[student.pk, row.pk]),
        level="ok",
        voided=row.withdrawn_reason,
        voided_as="Taken back",
    )
