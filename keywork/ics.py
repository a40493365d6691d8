"""What a calendar program reads (iCalendar)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from icalendar import Calendar, Event

from . import clock


def answer(name: str, events: Iterable[Mapping[str, Any]], filename: str) -> HttpResponse:
    """Events by the names of their properties; each says in `uid` what it is known again by."""
    calendar = Calendar()
    for key, value in (("prodid", "-//Keywork//EN"), ("version", "2.0"), ("x-wr-calname", name)):
        calendar.add(key, value)
    for given in events:
        event = Event()
        for key, value in {**given, "uid": f"{given['uid']}@keywork", "dtstamp": clock.now()}.items():
            event.add(key, value)
        calendar.add_component(event)
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{filename}.ics"'
    return response
