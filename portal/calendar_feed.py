"""Term dates, staff-only days and closures as iCalendar, for the calendar programs of staff and families."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from keywork.models import Closure, HalfTerm, InsetDay

SALT = "keywork.calendar-feed"
NAME = "term-dates"


def address() -> str:
    """The whole address, which nobody guesses; the same as long as the installation keeps its key."""
    token = signing.Signer(salt=SALT).sign(NAME).rpartition(":")[2]
    return settings.BASE_URL + reverse("portal:calendar_feed", args=[token])


def events() -> Iterator[dict[str, Any]]:
    for row in HalfTerm.objects.select_related("year"):
        yield _days(f"half-term-{row.slug}-first", row.starts_on, f"{row.name} {row.year} starts")
        yield _days(f"half-term-{row.slug}-last", row.ends_on, f"{row.name} {row.year}: last day")
    for inset in InsetDay.objects.all():
        yield _days(f"inset-{inset.day}", inset.day, "INSET day: staff only")
    for closure in Closure.objects.all():
        yield _days(f"closed-{closure.pk}", closure.starts_on, "School closed", closure.ends_on)


def _days(uid: str, first: date, summary: str, last: date | None = None) -> dict[str, Any]:
    """An event of days ends on the morning after."""
    return {"uid": uid, "dtstart": first, "dtend": (last or first) + timedelta(days=1), "summary": summary}
