"""The versions of one entry, from the row history the database keeps: who, when, what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keywork.dates import day_in_full, time_of_day
from keywork.models import User

from .models import KeyworkSession
from .models.entry import LogEntry, readable_levels

# What is worth telling of a change, in the order told.
TOLD: dict[str, str] = {
    "reached": "Reached",
    "status": "What happened",
    "with_name": "Who",
    "channel": "How",
    "direction": "Who began it",
    "how": "How",
    "minutes": "Minutes",
    "happened_on": "Date",
    "happened_time": "Time",
    "topics": "Topics",
    "notes": "Notes",
    "answered": "How what was agreed before went",
    "agreed": "Agreed",
    "level": "Who can read it",
    "shared_summary": "Home sees",
    "withheld_reason": "Kept from home",
    "catch_up_for": "Makes up for",
    "approval_reason": "Approved",
    "void_reason": "Crossed out",
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """One write: `changes` is empty for the first, and when the words are not for this reader."""

    number: int
    at: datetime
    who: str
    changes: tuple[FieldChange, ...] = ()
    hidden: bool = False


def versions(entry: LogEntry, reader: Any) -> list[Version]:
    """Newest first; two queries. What was written at a level this reader does not read stays hidden."""
    events = list(
        entry.pgh_event_model.objects.filter(pgh_obj_id=entry.pk)
        .select_related("pgh_context")
        .order_by("pgh_id")
    )
    writers = {event.pgh_context.metadata.get("user") for event in events if event.pgh_context}
    names = dict(User.objects.filter(pk__in=writers - {None}).values_list("pk", "name"))
    readable = set(readable_levels(reader, entry.student_id))
    found: list[Version] = []
    before = None
    for number, event in enumerate(events, 1):
        context = event.pgh_context
        who = names.get(context.metadata.get("user"), "") if context else ""
        hidden = event.level not in readable or (before is not None and before.level not in readable)
        changes = () if before is None or hidden else _changes(before, event)
        at = event.pgh_created_at
        if before is None:  # a row loaded past its history says itself when it was written, and by whom
            at, who = entry.logged_at, who or entry.logged_by.name
        found.append(Version(number, at, who or "Keywork", changes, hidden and before is not None))
        before = event
    return found[::-1]


def _changes(before: Any, after: Any) -> tuple[FieldChange, ...]:
    fields = {field.name: field for field in after._meta.concrete_fields}
    return tuple(
        FieldChange(label, _words(before, fields[name]), _words(after, fields[name]))
        for name, label in TOLD.items()
        if name in fields and getattr(before, name) != getattr(after, name)
    )


def _words(event: Any, field: Any) -> str:
    value = getattr(event, field.name)
    if value in (None, "", []):
        return "nothing"
    if field.name == "happened_on":
        return day_in_full(value)
    if field.name == "happened_time":
        return time_of_day(value)
    if field.name == "topics":
        return ", ".join(topic_words(topic) for topic in value)
    if field.name == "answered":  # the words may be for fewer people than this session
        went = dict(KeyworkSession.Went.choices)
        return ", ".join(str(went.get(one["went"], one["went"])) for one in value)
    return str(dict(field.flatchoices).get(value, value))


def topic_words(topic: str) -> str:
    """ "Social progress" of "social_progress"."""
    return topic.replace("_", " ").capitalize()
