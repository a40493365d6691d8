"""The nightly work of the log: write down what was missed, then tell people. Both may run twice, or late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from celery import shared_task
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from enquiries.kinds import kind_of
from enquiries.models import Enquiry
from keywork import clock, school
from keywork.absences import away_until
from keywork.keyworker_history import reachable
from keywork.models import Assignment
from outbox import actions as outbox
from outbox import kinds
from outbox.kinds import Letter

from . import digests
from .actions.misses import record_misses
from .check_ups import actions
from .check_ups.kinds import TOLD as ISSUE_TOLD
from .check_ups.lines import says_more
from .letters import mailbox, receiving
from .letters import writing as letters
from .models import BriefingReader, HomeLetter

PAIR = (Assignment.Kind.KEYWORKER, Assignment.Kind.DEPUTY)


@shared_task
def nightly() -> None:
    """What Celery beat starts at 00:15; a night that was missed is caught up by the next."""
    day = clock.today().isoformat()
    outbox.do("contacts.nightly", key=day, day=day)


@kinds.job("contacts.nightly", "The nightly record of what was missed")
def record_and_notify(day: str) -> None:
    record_misses()
    receiving.forget_thrown_away()
    digests.ask(date.fromisoformat(day))


@kinds.mail("contacts.briefing", kinds.STAFF_MAIL, waits=True)
def write_briefing(briefing: int) -> Iterator[Letter]:
    """To everyone it was sent to who has no mail of it yet. It holds a first name and a link."""
    waiting = BriefingReader.objects.filter(briefing=briefing, mailed_at__isnull=True, user__is_active=True)
    for reader in waiting.select_related("user", "briefing__student", "briefing__sent_by"):
        about = reader.briefing
        body = render_to_string(
            "contacts/email/briefing.txt",
            {
                "user": reader.user,
                "known_as": about.student.known_as,
                "by": about.sent_by.name,
                "url": settings.BASE_URL + reverse("contacts:briefing", args=[about.pk]),
            },
        )
        sent = partial(BriefingReader.objects.filter(pk=reader.pk).update, mailed_at=clock.now())
        yield Letter(reader.user, "What home told in the holiday", body, sent=sent)


@kinds.mail("contacts.digests", kinds.STAFF_MAIL, waits=True)
def write_digests(day: str) -> Iterator[Letter]:
    """None on a later day: what is untold by then is in the mails of that day."""
    if date.fromisoformat(day) < clock.today():
        return
    for letter, sent in digests.letters(date.fromisoformat(day)):
        yield Letter(letter.user, letter.subject, letter.body, sent=sent)


@shared_task
def check_ups() -> None:
    """What Celery beat starts on the morning of each day: rounds that are due, and who is silent."""
    day = clock.today().isoformat()
    outbox.do("contacts.check_ups", key=day, day=day)


@kinds.job("contacts.check_ups", "The check-up with teachers")
def ask_teachers(day: str) -> None:
    """Nothing on a later day: a round that was due begins then by itself."""
    as_of = date.fromisoformat(day)
    if as_of == clock.today():
        actions.remind_silent(as_of)
        actions.begin_due(as_of)


@kinds.mail(ISSUE_TOLD, kinds.STAFF_MAIL, waits=True)
def notify_of_issue(enquiry: int) -> Iterator[Letter]:
    """To the keyworker of today, and to the deputy while that one is away: that a teacher told something, not what."""
    row = Enquiry.objects.select_related("student", "user").get(pk=enquiry)
    if row.read_at is not None or row.user is None or not says_more(row):
        return
    today = clock.today()
    pair = {kind: reachable(kind, today, [row.student_id]).get(row.student_id) for kind in PAIR}
    away = away_until(today, [user.pk for user in pair.values() if user is not None])
    keyworker, deputy = pair.values()
    readers = [keyworker, deputy if keyworker is None or keyworker.pk in away else None]
    for user in readers:
        if user is not None and user.is_written_to:
            context = {
                "name": user.get_short_name(),
                "teller": row.user.name,
                "initials": row.student.initials,
                "url": settings.BASE_URL.rstrip("/") + kind_of(row).followed_at(row),
            }
            body = render_to_string("contacts/email/check_up_issue.txt", context)
            yield Letter(user, "A teacher has something to tell you", body)


@shared_task
def read_mailbox() -> None:
    """What Celery beat starts every ten minutes, where there is a mailbox: one reads it at a time."""
    if settings.LOG_MAIL_URL and settings.LOG_MAIL_DOMAIN:
        outbox.do("contacts.read_mailbox", key="mailbox")


@kinds.job("contacts.read_mailbox", "Reading the mailbox of the log", speaks_to_mail=True)
def take_messages() -> Iterator[None]:
    return mailbox.read()


@kinds.mail(letters.MAIL, "E-mails to home, written on a record", waits=False)
def write_home(letter: int) -> Iterator[Letter]:
    """None where they may not be written to any more: then whoever wrote it sees so, and it is not sent another day."""
    row = HomeLetter.objects.select_related("student", "member", "written_by").get(pk=letter)
    if row.contact_id or letters.link_now(row) is None:
        return
    name, by = school.load().name, row.written_by
    body = render_to_string("contacts/email/home.txt", {"letter": row, "school_name": name})
    yield Letter(
        row.member,
        f"A message from {name}",
        body,
        sent=partial(letters.log_sent, row.pk),
        reply_to=by.email,
        home=(row.student_id,),
        for_now=True,
    )
