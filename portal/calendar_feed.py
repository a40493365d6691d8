"""Term dates, staff-only days and closures as iCalendar, for the calendar programs of staff and families."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from icalendar import Calendar, Event

from keywork import clock
from keywork.models import Closure, HalfTerm, InsetDay

SALT = "keywork.calendar-feed"
NAME = "term-dates"


def address() -> str:
    """The whole address, which nobody guesses; the same as long as the installation keeps its key."""
    token = signing.Signer(salt=SALT).sign(NAME).rpartition(":")[2]
    return settings.BASE_URL + reverse("portal:calendar_feed", args=[token])


def ics(school: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Keywork//Term dates//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{school}: term dates")
    for row in HalfTerm.objects.select_related("year"):
        _add(calendar, f"half-term-{row.slug}-first", row.starts_on, f"{row.name} {row.year} starts")
        _add(calendar, f"half-term-{row.slug}-last", row.ends_on, f"{row.name} {row.year}: last day")
    for inset in InsetDay.objects.all():
        _add(calendar, f"inset-{inset.day}", inset.day, "INSET day: staff only")
    for closure in Closure.objects.all():
        _add(calendar, f"closed-{closure.pk}", closure.starts_on, "School closed", closure.ends_on)
    return calendar.to_ical()


def _add(calendar: Calendar, uid: str, first: date, summary: str, last: date | None = None) -> None:
    """A whole day or several; iCalendar ends an event of days on the morning after."""
    event = Event()
    event.add("uid", f"{uid}@keywork")
    event.add("dtstamp", clock.now())
    event.add("dtstart", first)
    event.add("dtend", (last or first) + timedelta(days=1))
    event.add("summary", summary)
    calendar.add_component(event)
