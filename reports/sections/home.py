"""Sections about school and home: how they kept in touch, and what is said back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from students.figures import points_words
from students.models import Attendance, Points
from students.weeks import Week, fullest

from .. import keeping_in_touch
from . import Offer, Source, Span


def in_touch(span: Span) -> dict[str, Any]:
    """For each household how often and how, in the figures of the Keeping in touch report; they are never added."""
    (editions,) = keeping_in_touch.build([span.student], span.term, span.known_on, span.school).values()
    return {"homes": [_home(one) for one in editions]}


def _home(edition: dict[str, Any]) -> dict[str, Any]:
    gap = edition["figures"].longest_gap
    return {
        "household": edition["household"],
        "written_for": edition["written_for"],
        "for_somebody": edition["for_somebody"],
        "readers": sorted(edition["readers"]),
        "count": len(edition["contacts"]),
        "ways": [[way, count] for way, count in edition["ways"]],
        "tries": edition["tries"],
        # Of several homes it is the longest without any of them, which is no word about this one.
        "longest": edition["figures"].longest_gap_days if gap and not edition["several_homes"] else None,
        "not_counted": edition["not_counted"],
        "interval": edition["interval"] if edition["runs_clock"] else None,
        "ever": edition["ever_reached"],
        "held": edition["held"],
    }


def in_the_log(span: Span) -> list[Source]:
    log = reverse("contacts:log", args=[span.student.pk])
    words = f"Contacts with home in the log, {span.term.name.lower()}"
    return [Source(words, f"{log}?kind=contact&term={span.term.id}")]


def in_touch_in_words(facts: Any) -> str:
    count = sum(home["count"] for home in facts.get("homes", ()))
    return f"{count} time{'' if count == 1 else 's'}"


def being_here(span: Span) -> list[Offer]:
    return [*attendance(span), *points(span)]


def attendance(span: Span, suspensions: bool = False) -> list[Offer]:
    """One sentence of the fullest register of these days, where there is one: sessions are half days.

    With `suspensions` another one of the days suspended in the same register, where there were any.
    """
    sessions = _fullest(Attendance, span, "possible", "attended")
    if sessions is None or not sessions.one:
        return []
    words = f"{span.student.known_as} came to {sessions.other} of {sessions.one} sessions (half days)."
    if suspensions and (suspended := _suspended(span, sessions.source)):
        days = {0.5: "half a day", 1: "1 day"}.get(suspended, f"{suspended:g} days")
        words += f" {span.student.known_as} was suspended for {days}."
    return [Offer("attendance", words, source=f"Attendance: {sessions.source}", url=_weeks_url(span))]


def points(span: Span) -> list[Offer]:
    """One sentence of the source with the most weeks. It stands in the report only when the writer puts it in."""
    given = _fullest(Points, span, "achievement", "behaviour")
    if given is None:
        return []
    words = f"{span.student.known_as} was given points: {points_words(given.one, given.other)}."
    return [Offer("points", words, source=f"Points: {given.source}", url=_weeks_url(span), chosen=False)]


def _fullest(model: Any, span: Span, one: str, other: str) -> Week | None:
    weeks = model.objects.filter(student=span.student).between(span.first, span.last)
    return fullest(Week(*row) for row in weeks.values_list("source", "starts_on", "ends_on", one, other))


def _suspended(span: Span, source: str) -> float:
    weeks = Attendance.objects.filter(student=span.student, source=source).between(span.first, span.last)
    return float(sum(weeks.values_list("suspended_days", flat=True)))


def _weeks_url(span: Span) -> str:
    return f"{reverse('students:people', args=[span.student.pk])}#attendance"
