"""C11: a student long away is still owed contact with home, and whoever keeps watch is reminded of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from contacts.misses import long_absence_reminder, pupil_days_away
from keywork import prepared
from keywork.calendar import SchoolCalendar
from keywork.dates import day_in_full
from keywork.duties import Status
from keywork.numbers import in_words
from students.away import read_absences

from . import words

if TYPE_CHECKING:
    from .home import HomeContactState

LOOK_BACK = timedelta(days=365)  # a row of absences is told no further back than this


def read_long_absences(ids: Sequence[int], as_of: date) -> prepared.Read:
    return read_absences(ids, as_of - LOOK_BACK, as_of)


def long_absences(
    states: Sequence[HomeContactState], as_of: date, calendar: SchoolCalendar
) -> dict[int, str]:
    """Who has been away for ten pupil days in a row, and how contact goes on; one query, or none where that was read."""
    if not states:
        return {}
    away = states[0].context.away
    if away is None:
        away = read_long_absences([state.student_id for state in states], as_of).now()
    found: dict[int, str] = {}
    for state in states:
        spans = away.get(state.student_id, ())
        if spans and state.status is not Status.NONE and long_absence_reminder(spans, calendar, as_of):
            days = in_words(pupil_days_away(spans, calendar, as_of))
            found[state.student_id] = (
                f"{state.student.known_as} has been away for {days} school days. {_contact(state)}."
            )
    return found


def _contact(state: HomeContactState) -> str:
    if state.held_until:
        until = words.until(state.held_until, state.as_of)
        return f"Contact with home is on hold {until[0].lower()}{until[1:]}"
    if state.due_on is None or state.status is Status.NOT_OWED:
        return "Contact with home goes on"
    due = day_in_full(state.by or state.due_on, state.as_of)
    if state.status is Status.OVERDUE:
        return f"Contact with home goes on: it was due {due}"
    return f"Contact with home goes on: the next is due {due}"
