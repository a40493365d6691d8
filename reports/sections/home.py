"""Sections about school and home: how they kept in touch, and what is said back."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from students.models.student import Attendance

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
        "interval": edition["interval"],
        "ever": edition["ever_reached"],
        "held": edition["held"],
    }


def in_the_log(span: Span) -> list[Source]:
    """The contacts with home of the term."""
    return [
        Source(
            f"Contacts with home in the log, {span.term.name.lower()}",
            f"{reverse('contacts:log', args=[span.student.pk])}?kind=contact&term={span.term.id}",
        )
    ]


def in_touch_in_words(facts: Any) -> str:
    count = sum(home["count"] for home in facts.get("homes", ()))
    return f"{count} time{'' if count == 1 else 's'}"


def attendance(span: Span, suspensions: bool = False) -> list[Offer]:
    """One sentence of the fullest register of these days, where there is one: sessions are half days.

    With `suspensions` another one of the days suspended in the same register, where there were any.
    """
    found: dict[str, list[Any]] = {}
    weeks = Attendance.objects.filter(student=span.student).between(span.first, span.last)
    for source, *figures in weeks.values_list("source", "possible", "attended", "suspended_days"):
        found[source] = [sum(pair) for pair in zip(found.get(source, (0, 0, 0)), figures, strict=True)]
    source = max(found, key=lambda one: (found[one][0], one), default="")
    if not source or not found[source][0]:
        return []
    possible, attended, suspended = found[source]
    words = f"{span.student.known_as} came to {attended} of {possible} sessions (half days)."
    if suspensions and suspended:
        days = {0.5: "half a day", 1: "1 day"}.get(float(suspended), f"{float(suspended):g} days")
        words += f" {span.student.known_as} was suspended for {days}."
    url = f"{reverse('students:people', args=[span.student.pk])}#attendance"
    return [Offer("attendance", words, source=f"Attendance: {source}", url=url)]
