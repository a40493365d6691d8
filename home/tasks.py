"""Work outside the request: telling the other side, and reminding both of a meeting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from celery import shared_task

from keywork import clock
from outbox import actions as outbox
from outbox import kinds
from outbox.kinds import Letter

from .mails import TO_HOME, TO_SCHOOL, letters_home, letters_to_school
from .meetings.actions import remind
from .models import Appointment, DetailsProposal, HomeMessage
from .people import to_ask


@kinds.mail(TO_HOME, "Mails to families about meetings and messages", waits=False)
def notify_at_home(what: str, **about: int) -> Iterator[Letter]:
    """`about` is the key of one `meeting`, `message` or `details`."""
    row = _row(what, **about)
    return letters_home(what, row) if row is not None else iter(())


@kinds.mail(TO_SCHOOL, kinds.STAFF_MAIL, waits=True)
def notify_at_school(what: str, **about: int) -> Iterator[Letter]:
    row = _row(what, **about)
    if row is None:
        return iter(())
    student = row.link.student if isinstance(row, DetailsProposal) else row.student
    return letters_to_school(what, row, [getattr(row, "user", None), to_ask(student)])


def _row(
    what: str, meeting: int | None = None, message: int | None = None, details: int | None = None
) -> Appointment | HomeMessage | DetailsProposal | None:
    """None for what is no news any more: a meeting that was called off since, a message that was read."""
    if details is not None:
        return DetailsProposal.objects.select_related("link__student", "link__member__user").get(pk=details)
    if message is not None:
        rows = HomeMessage.objects.select_related("student", "member__user")
        return rows.filter(pk=message, read_at__isnull=True).first()
    assert meeting is not None
    found = Appointment.objects.select_related("student", "member__user", "user").get(pk=meeting)
    is_off = found.called_off_at is not None
    return found if is_off == (what == "meeting_off") else None


@shared_task
def reminders() -> None:
    """What Celery beat starts on the morning of each day: the meetings of the next school day."""
    day = clock.today().isoformat()
    outbox.do("home.reminders", key=day, day=day)


@kinds.job("home.reminders", "Reminders of meetings with families")
def remind_of_meetings(day: str) -> None:
    """Nothing on a later day: each day asks for its own."""
    if date.fromisoformat(day) == clock.today():
        remind(today=clock.today())
