"""On a student's timeline: what they said of how they felt, and meetings that home or they asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from keywork import clock
from keywork.access import Can, allows
from keywork.addresses import numbered
from keywork.finding import containing
from keywork.timeline import Asked, Entry, Found, Rows, TimelineProvider
from keywork.words import worded
from tsp.models import Feeling
from tsp.rating import rules

from .meetings.actions import when_in_words
from .models import Appointment

KIND = "feeling"
MEETING = "meeting_asked"


class FeelingTimeline(TimelineProvider):
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
    return containing(("words",), search) | Q(word__in=said)


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


class MeetingTimeline(TimelineProvider):
    """Meetings that home or the student asked for, until they are in the log as what they were."""

    kinds = {MEETING: "Meetings asked for"}

    def rows(self, asked: Asked) -> Sequence[Rows]:
        if not allows(asked.reader, Can.VIEW_LOG, asked.student):
            return ()
        may = allows(asked.reader, Can.ANSWER_HOME, asked.student)
        found = partial(_found_meeting, asked.student, may)
        return [Rows(MEETING, _meetings, found, matching=_saying, day="asked_on")]


def _found_meeting(student: Any, may_open: bool, row: Any) -> Found:
    return Found(row.asked_on, MEETING, row.pk, partial(_meeting, row, student, may_open))


def _meetings(student_id: int) -> QuerySet:
    rows = Appointment.objects.filter(student=student_id, contact__isnull=True, session__isnull=True)
    found = rows.select_related("member", "user").order_by("-asked_on", "-pk")
    return found.only(
        "asked_on", "words", "starts_at", "minutes", "settled_at", "called_off_at", "contact", "session",
        "member__forename", "member__surname", "user__name",
    )  # fmt: skip


def _saying(search: str) -> Q:
    return containing(("words", "answer"), search)


def _meeting(row: Appointment, student: Any, may_open: bool) -> Entry:
    whom = row.member.name if row.member else student.known_as
    title = f"{whom} asked for {'a meeting' if row.member else 'a chat'}"
    notes = {
        "asked": "Waits for a time",
        "offered": "Waits for their answer",
        "off": "Called off",
        "settled": "Agreed",
        "over": "To be written down",
    }
    at = row.starts_at
    when = f"{when_in_words(at, clock.today())}, with {row.user.name}. " if at else ""
    return Entry(
        kind=MEETING,
        pk=row.pk,
        on=row.asked_on,
        title=title,
        who=whom,
        text=f"{when}{row.words}".strip(),
        seen_by=worded("Core team, and whoever asked"),
        icon="calendar-days",
        url=numbered("home:meeting").format(row.pk) if may_open else "",
        note=notes[row.state],
        is_try=True,
    )
