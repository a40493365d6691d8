"""Finding meetings and decisions by their words, over all the records someone may read."""

from __future__ import annotations

from typing import Any

from keywork.access import Can
from keywork.finding import containing

from ..models import Decision, Meeting
from .timeline import said_in


def meetings_saying(user: Any, typed: str, *, most: int) -> list[Meeting]:
    """The newest whose agenda, minutes, place or summary hold every typed word."""
    rows = Meeting.objects.readable_by(user).filter(said_in(typed))
    return list(rows.select_related("student").prefetch_related("agenda").order_by("-on", "-pk")[:most])


def decisions_saying(user: Any, typed: str, *, most: int) -> list[Decision]:
    rows = Decision.objects.visible_to(user, Can.VIEW_MEETINGS).filter(containing(("what", "why"), typed))
    return list(rows.select_related("student").order_by("-announced_at", "-pk")[:most])
