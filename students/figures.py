"""Attendance and points of one student over some days, as they are said: and where there are none, that there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from keywork import prepared
from keywork.calendar import SchoolCalendar
from keywork.dates import day_in_full

from .models import Attendance, Points, Student
from .weeks import Week, absent_since, absent_words, fullest

WEEKS_READ = 60  # a year, and some weeks that two sources have


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known, each with the day to which it was imported; "" where nothing of these days was."""

    attendance: str
    points: str
    no_attendance: str
    no_points: str


def figures(student: Student, first: date, last: date, today: date, calendar: SchoolCalendar) -> Figures:
    """Of the days from `first` to `last`; one query. Points are spoken of only where the school imports them."""
    sessions, points = prepared.together(
        _read(Attendance, student, "possible", "attended"),
        _read(Points, student, "achievement", "behaviour"),
    )
    return Figures(
        attendance=_said(sessions, first, last, today, sessions_words),
        points=_said(points, first, last, today, points_words),
        no_attendance=_missing("attendance", sessions, student, today, calendar),
        no_points=_missing("points", points, student, today, calendar) if points else "",
    )


def of_half_term(student: Student, on: date, today: date, calendar: SchoolCalendar) -> Figures | None:
    """Of the half-term of the day `on`, in a holiday of the one just ended; None before the first."""
    block = calendar.block_on(on) or calendar.block_before(on)
    return figures(student, block.starts_on, block.ends_on, today, calendar) if block else None


def _read(model: type[Attendance] | type[Points], student: Student, one: str, other: str) -> prepared.Read:
    """What is kept of a year, newest first."""
    return prepared.Read(_weeks_of, student.pk, model=model, numbers=(one, other), then=_weeks)


def _weeks_of(
    student_id: int, *, model: type[Attendance] | type[Points], numbers: tuple[str, str]
) -> QuerySet:
    rows = model.objects.filter(student=student_id).order_by("-starts_on", "source")
    return rows.values_list("source", "starts_on", "ends_on", *numbers)[:WEEKS_READ]


def _weeks(rows: list[tuple[Any, ...]]) -> list[Week]:
    return [Week(*row) for row in rows]


def _said(
    weeks: Sequence[Week], first: date, last: date, today: date, words: Callable[[int, int], str]
) -> str:
    found = fullest(week for week in weeks if week.ends_on >= first and week.starts_on <= last)
    if found is None:
        return ""
    return f"{words(found.one, found.other)}, to {day_in_full(found.ends_on, today)}"


def _missing(
    what: str, weeks: Sequence[Week], student: Student, today: date, calendar: SchoolCalendar
) -> str:
    last = max((week.ends_on for week in weeks), default=None)
    return absent_words(what, last, today) if absent_since(last, student.joined_on, today, calendar) else ""


def sessions_words(possible: int, attended: int) -> str:
    """ "52 of 58 sessions (90%)": sessions are half days."""
    share = f" ({round(100 * attended / possible)}%)" if possible else ""
    return f"{attended} of {possible} sessions{share}"


def points_words(achievement: int, behaviour: int) -> str:
    """ "31 for achievement, 4 for behaviour"."""
    return f"{achievement} for achievement, {behaviour} for behaviour"
