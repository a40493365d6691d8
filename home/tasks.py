"""What Celery does by itself: reminding both sides of a meeting. Mails are in `mails`."""

from __future__ import annotations

from datetime import date

from celery import shared_task

from keywork import clock
from outbox import actions as outbox
from outbox import kinds

from .meetings.actions import remind


@shared_task
def reminders() -> None:
    """On the morning of each day: of the meetings of the next school day."""
    day = clock.today().isoformat()
    outbox.do("home.reminders", key=day, day=day)


@kinds.job("home.reminders", "Reminders of meetings with families")
def remind_of_meetings(day: str) -> None:
    """Nothing on a later day: each day asks for its own."""
    if date.fromisoformat(day) == clock.today():
        remind(today=clock.today())
