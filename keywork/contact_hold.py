"""Days on which nobody at school contacts a student's home.

Record apps do not know each other: the log, which keeps the holds, registers here who asks it. A letter that the
school sends home says whose home it goes to (outbox.kinds.Letter): the outbox asks here, keeps it, and sends it on the
morning after the last held day. Where a person would write home themselves, the action refuses (NOTHING_SENT).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta

from . import clock
from .dates import day_in_full
from .words import worded_lazy

# Student ids and a day to the last held day of those whose home is to be left alone on that day.
Asker = Callable[[Iterable[int], date], Mapping[int, date]]

_askers: list[Asker] = []
A_DAY, MORNING = timedelta(days=1), time(8)

# What is said where somebody would write home all the same.
NOTHING_SENT = worded_lazy(
    "Home contact is on hold, so nothing is sent now. Ask the Head of Social Education"
)


def register(asker: Asker) -> None:
    if asker not in _askers:
        _askers.append(asker)


def students_on_hold(student_ids: Iterable[int], on: date) -> dict[int, date]:
    """Those of the students whose home is to be left alone on this day, each with the last such day known."""
    ids = list(student_ids)
    found: dict[int, date] = {}
    for asker in _askers:
        for student_id, until in asker(ids, on).items():
            found[student_id] = max(until, found.get(student_id, until))
    return found


def on_hold(student_id: int, on: date) -> bool:
    """Is home to be left alone about this student on this day?"""
    return student_id in students_on_hold([student_id], on)


def letters_go(student_ids: Iterable[int]) -> dict[int, datetime]:
    """Those of the students whose home gets no letter now, each with the moment from which it may; for the outbox."""
    ids, today = list(student_ids), clock.today()
    held = students_on_hold(ids, today)
    if clock.now().astimezone(clock.LONDON).time() < MORNING:  # nobody hears of it in the night
        held = students_on_hold(ids, today - A_DAY) | held
    return {pk: _morning_after(until) for pk, until in held.items()}


def apart(student_ids: Iterable[int]) -> list[list[int]]:
    """Those whose home hears now, and those whose home hears later: what waits keeps nothing else back."""
    ids = list(student_ids)
    held = students_on_hold(ids, clock.today())
    return [
        group for group in ([pk for pk in ids if pk not in held], [pk for pk in ids if pk in held]) if group
    ]


def hears_later(student_id: int) -> str:
    """For the pages on which something is done that home is told of: that it is not now, and when. "" without a hold."""
    until = students_on_hold([student_id], clock.today()).get(student_id)
    return "" if until is None else in_words(until)


def and_later(said: str, student_id: int) -> str:
    """What was done, and after it `hears_later`."""
    return f"{said} {hears_later(student_id)}".strip()


def in_words(until: date) -> str:
    today = clock.today()
    last, goes = day_in_full(until, today), day_in_full(until + A_DAY, today)
    return (
        f"Home contact is on hold until {last}, so Keywork writes to nobody at home now. "
        f"What it has to tell them goes by itself on {goes}, if it is still so then. Whoever signs in can see what "
        "stands on their own page before that."
    )


def _morning_after(until: date) -> datetime:
    return datetime.combine(until + A_DAY, MORNING, clock.LONDON)
