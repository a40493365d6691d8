"""Logging, amending and voiding keywork sessions (H2, H5, H6, H9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from django.db import transaction

from keywork import school
from keywork.errors import Refused
from keywork.levels import Level
from keywork.models import User
from keywork.school import SchoolFacts
from students.models import Student

from ..dating import catch_up_block
from ..models import KeyworkSession
from .entries import amend, first_facts

# What is so of a session that says nothing of it.
UNSAID: Final[Mapping[str, Any]] = {
    "happened_time": None,
    "topics": (),
    "how": KeyworkSession.How.IN_PERSON,
    "minutes": None,
    "notes": "",
    "agreed": "",
    "answered": (),
    "level": Level.GENERAL,
    "catch_up": False,
}


def _told(
    *,
    facts: SchoolFacts,
    status: str,
    happened_on: date,
    happened_time: time | None,
    topics: Sequence[str],
    how: str,
    minutes: int | None,
    notes: str,
    agreed: str,
    answered: Sequence[Mapping[str, Any]],
    level: str,
    catch_up: bool,
) -> dict[str, Any]:
    """The columns the writer told. Only a held session has a length or makes up for a half-term.

    `answered` says how lines agreed before went: items of contacts.agreeing.AgreedAction.answer.
    """
    is_held = status == KeyworkSession.Status.HELD
    if is_held and not topics:
        raise Refused("Choose what you talked about", "topics")
    block = catch_up_block(happened_on, facts.calendar) if catch_up and is_held else None
    if catch_up and is_held and block is None:
        raise Refused(
            "A session makes up for a half-term only in the holiday, within 14 days of its end", "catch_up"
        )
    return {
        "status": status,
        "happened_on": happened_on,
        "happened_time": happened_time,
        "topics": list(topics),
        "how": how,
        "minutes": minutes if is_held else None,
        "notes": notes,
        "agreed": agreed,
        "answered": list(answered) if is_held else [],
        "level": level,
        "catch_up_for": block.id if block else "",
    }


def log_session(
    *, by: User, student: Student, facts: SchoolFacts | None = None, **told: Any
) -> KeyworkSession:
    """A session held, or one that did not come about, with arguments of `_told`, of which those in UNSAID need not be
    given. Raises Refused."""
    facts = facts or school.load()
    columns = _told(facts=facts, **{**UNSAID, **told})
    day, level = columns["happened_on"], columns["level"]
    first = first_facts(by=by, student=student, happened_on=day, level=level, facts=facts)
    session = KeyworkSession(**columns | first)
    session.save(force_insert=True)
    return session


@transaction.atomic
def amend_session(
    *, by: User, session: KeyworkSession, version: int, facts: SchoolFacts | None = None, **told: Any
) -> KeyworkSession:
    """A new version of one session, with all arguments of `_told`. Raises Refused, or ChangedMeanwhile if `version` is
    not the latest."""
    facts = facts or school.load()
    changes = _told(facts=facts, **told)
    amended = amend(by=by, entry=session, version=version, changes=changes, facts=facts)
    assert isinstance(amended, KeyworkSession)
    return amended
