"""What a student and their keyworker agreed, line by line, and how it went when they next met.

A session keeps its own lines in `agreed`, and in `answered` how lines of sessions before it went: not their words, as
those may be for fewer people than the session that answers them, but the session and a digest of the line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .models import KeyworkSession

LOOK_BACK = 20  # sessions; what was left standing longer ago is not asked about any more
GOES_ON = KeyworkSession.Went.GOES_ON


@dataclass(frozen=True, slots=True)
class AgreedAction:
    """One thing that was agreed: in which session, when, and how it went as far as that is said ("" for not)."""

    session: int
    key: str
    words: str
    on: date
    went: str = ""

    @property
    def name(self) -> str:
        """Of its field."""
        return f"went-{self.session}-{self.key}"

    @property
    def went_in_words(self) -> str:
        return str(dict(KeyworkSession.Went.choices).get(self.went, self.went))

    def answer(self, went: str) -> dict[str, Any]:
        """As an item of `KeyworkSession.answered`."""
        return {"session": self.session, "line": self.key, "went": went}


def lines_of(session: KeyworkSession) -> list[AgreedAction]:
    """Each line of what was agreed, once."""
    words = dict.fromkeys(" ".join(line.split()) for line in session.agreed.splitlines())
    return [
        AgreedAction(session.pk, hashlib.sha256(one.encode()).hexdigest()[:12], one, session.happened_on)
        for one in words
        if one
    ]


def _answers(session: KeyworkSession) -> dict[tuple[int, str], str]:
    return {(one["session"], one["line"]): one["went"] for one in session.answered}


def asked_about(newest_first: Iterable[KeyworkSession]) -> list[AgreedAction]:
    """What to ask about now: what was agreed last, and what goes on from before; oldest first.

    A line is asked about until it is said that it is done, was not done or is no longer needed. What nobody answered
    gives way to what is agreed next.
    """
    said: dict[tuple[int, str], str] = {}
    found: list[AgreedAction] = []
    last_seen = False
    for session in newest_first:
        lines = lines_of(session)
        for line in reversed(lines):
            went = said.get((line.session, line.key))
            if went == GOES_ON or (went is None and not last_seen):
                found.append(line)
        last_seen = last_seen or bool(lines)
        for key, went in _answers(session).items():
            said.setdefault(key, went)
    return found[::-1]


def to_ask(student: Any, reader: Any, before: KeyworkSession | None = None) -> list[AgreedAction]:
    """Lines to ask about in a new session, or in one that stands (`before`), as this reader may read; one query."""
    rows = KeyworkSession.objects.readable_by(reader).filter(
        student=student, voided_on__isnull=True, status=KeyworkSession.Status.HELD
    )
    rows = rows.exclude(agreed="", answered=[])
    if before is not None:
        rows = rows.filter(happened_on__lte=before.happened_on).exclude(pk=before.pk)
    found = list(rows.order_by("-happened_on", "-happened_time", "-pk")[:LOOK_BACK])
    if before is None:
        return asked_about(found)
    # What this session answered stands in it, whatever was said since.
    kept = _answers(before)
    asked = {(line.session, line.key) for line in asked_about(found)}
    lines = [line for session in reversed(found) for line in lines_of(session)]
    return [
        AgreedAction(line.session, line.key, line.words, line.on, kept.get((line.session, line.key), ""))
        for line in lines
        if (line.session, line.key) in asked | kept.keys()
    ]


def answered_in(session: KeyworkSession, reader: Any) -> list[AgreedAction]:
    """What this session says of lines agreed before, as far as the reader may read those; a query where it says any."""
    kept = _answers(session)
    if not kept:
        return []
    rows = KeyworkSession.objects.readable_by(reader).filter(
        pk__in={one for one, _ in kept}, student=session.student_id
    )
    return [
        AgreedAction(line.session, line.key, line.words, line.on, kept[line.session, line.key])
        for row in rows.order_by("happened_on", "pk")
        for line in lines_of(row)
        if (line.session, line.key) in kept
    ]
