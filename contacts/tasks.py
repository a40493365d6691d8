"""The nightly work of the log: write down what was missed, then tell people. Both may run twice, or late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from celery import shared_task

from keywork import clock
from outbox import actions as outbox
from outbox import kinds
from outbox.kinds import Letter

from . import digests
from .actions.misses import record_misses


@shared_task
def nightly() -> None:
    """What Celery beat starts at 00:15; a night that was missed is caught up by the next."""
    day = clock.today().isoformat()
    outbox.do("contacts.nightly", key=day, day=day)


@kinds.job("contacts.nightly", "The nightly record of what was missed")
def record_and_tell(day: str) -> None:
    record_misses()
    digests.ask(date.fromisoformat(day))


@kinds.mail("contacts.digests", kinds.STAFF_MAIL)
def write_digests(day: str) -> Iterator[Letter]:
    """None on a later day: what is untold by then is in the mails of that day."""
    if date.fromisoformat(day) < clock.today():
        return
    for letter, sent in digests.letters(date.fromisoformat(day)):
        yield Letter(letter.user, letter.subject, letter.body, sent=sent)
