"""What of the log ticks a point of a list by itself (care.checklists.ticks): who was spoken with, and a session held."""

from __future__ import annotations

from django.db.models import QuerySet

from care.checklists.ticks import Tick

from .facts import approved, standing
from .models import HomeContact, KeyworkSession


def _spoken() -> QuerySet:
    rows = HomeContact.objects.filter(standing(None), approved(None))
    return rows.filter(outcome=HomeContact.Outcome.TWO_WAY, person_marked=True)


def _held() -> QuerySet:
    rows = KeyworkSession.objects.filter(standing(None), approved(None))
    return rows.filter(status=KeyworkSession.Status.HELD)


CONTACT = Tick("contact", "Home was spoken with", _spoken, "happened_on", "contacts:contact")
SESSION = Tick("session", "A keywork session was held", _held, "happened_on", "contacts:session")
