"""Logging, amending and voiding keywork sessions (H2, H5, H6, H9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from django.db import transaction

from keywork import school
from keywork.errors import Refused
from keywork.levels import Level
from keywork.models import User
from keywork.school import SchoolFacts
from students.models import Student

from ..dating import catch_up_block
from ..models import KeyworkSession
from .entries import amend, first_facts, void

HELD = KeyworkSession.Status.HELD


def _told(
    *,
    status: str,
    topics: Sequence[str],
    how: str,
    minutes: int | None,
    agreed: str,
    answered: Sequence[Mapping[str, Any]],
    catch_up: bool,
    happened_on: date,
    facts: SchoolFacts,
) -> dict[str, Any]:
    """The columns the writer told. Only a held session has a length or makes up for a half-term."""
    if status == HELD and not topics:
        raise Refused("Choose what you talked about", "topics")
    block = catch_up_block(happened_on, facts.calendar) if catch_up and status == HELD else None
    if catch_up and status == HELD and block is None:
        raise Refused(
            "A session makes up for a half-term only in the holiday, within 14 days of its end", "catch_up"
        )
    return {
        "status": status,
        "topics": list(topics),
        "how": how,
        "minutes": minutes if status == HELD else None,
        "agreed": agreed,
        "answered": list(answered) if status == HELD else [],
        "catch_up_for": block.id if block else "",
    }


def log_session(
    *,
    by: User,
    student: Student,
    status: str,
    happened_on: date,
    happened_time: time | None = None,
    topics: Sequence[str] = (),
    how: str = KeyworkSession.How.IN_PERSON,
    minutes: int | None = None,
    notes: str = "",
    agreed: str = "",
    answered: Sequence[Mapping[str, Any]] = (),
    level: str = Level.GENERAL,
    catch_up: bool = False,
    facts: SchoolFacts | None = None,
) -> KeyworkSession:
    """A session held, or one that did not come about. Raises Refused.

    `answered` says how lines agreed before went: items of contacts.agreeing.AgreedAction.answer.
    """
    facts = facts or school.load()
    first = first_facts(by=by, student=student, happened_on=happened_on, level=level, facts=facts)
    told = _told(
        status=status,
        topics=topics,
        how=how,
        minutes=minutes,
        agreed=agreed,
        answered=answered,
        catch_up=catch_up,
        happened_on=happened_on,
        facts=facts,
    )
    session = KeyworkSession(**first, **told, happened_time=happened_time, notes=notes)
    session.save(force_insert=True)
    return session


@transaction.atomic
def amend_session(
    *,
    by: User,
    session: KeyworkSession,
    version: int,
    status: str,
    happened_on: date,
    happened_time: time | None,
    topics: Sequence[str],
    how: str,
    minutes: int | None,
    notes: str,
    agreed: str,
    answered: Sequence[Mapping[str, Any]] | None = None,
    level: str,
    catch_up: bool,
    facts: SchoolFacts | None = None,
) -> KeyworkSession:
    """A new version of one session. Raises Refused, or ChangedMeanwhile if `version` is not the latest."""
    facts = facts or school.load()
    told = _told(
        status=status,
        topics=topics,
        how=how,
        minutes=minutes,
        agreed=agreed,
        answered=session.answered if answered is None else answered,
        catch_up=catch_up,
        happened_on=happened_on,
        facts=facts,
    )
    changes = {
        **told,
        "happened_on": happened_on,
        "happened_time": happened_time,
        "notes": notes,
        "level": level,
    }
    amended = amend(by=by, entry=session, version=version, changes=changes, facts=facts)
    assert isinstance(amended, KeyworkSession)
    return amended


def void_session(*, by: User, session: KeyworkSession, reason: str) -> None:
    """Cross one session out (C17). Raises Refused."""
    void(by=by, entry=session, reason=reason)
