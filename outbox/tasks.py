"""What beat calls: each minute `sweep`, which finds what the queue has lost (a row is run by outbox.running)."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db.models import F, Q

from keywork import clock

from . import actions
from .kinds import left_alone
from .models import Job, Mail
from .rules import LONGEST
from .running import queue
from .sending import is_corrected

QUEUED_AGAIN = timedelta(minutes=2)  # a busy queue is not filled with what waits in it already
AT_ONCE = 500
KEPT = timedelta(days=31)
CORRECTED_WITHIN = timedelta(days=14)  # an older letter is of no use when its address is put right
A_MINUTE = timedelta(minutes=1)


@shared_task
def sweep() -> int:
    """Put in the queue what is due and is not there; how many."""
    mend_clock()
    try_corrected_addresses()
    send_what_was_kept()
    now = clock.now()
    due = Job.objects.due(now).filter(Q(queued_at__isnull=True) | Q(queued_at__lte=now - QUEUED_AGAIN))
    found = list(due.order_by("due_at", "pk").values_list("pk", "kind")[:AT_ONCE])
    Job.objects.filter(pk__in=[pk for pk, _ in found]).update(queued_at=now)
    return sum(queue(pk, kind) for pk, kind in found)


def mend_clock() -> None:
    """Times written while the clock was ahead would make it wait until then: after it is put right they count from now."""
    now = clock.now()
    ahead = now + A_MINUTE
    Job.objects.unfinished().filter(created_at__gt=ahead).update(
        due_at=now + (F("due_at") - F("created_at")), since=now, created_at=now, queued_at=None
    )
    Job.objects.filter(state=Job.State.WAITING, tries__gt=0, due_at__gt=ahead + LONGEST).update(
        due_at=now, since=now
    )
    Job.objects.filter(state=Job.State.RUNNING, leased_until__gt=ahead + LONGEST).update(leased_until=now)
    Job.objects.unfinished().filter(queued_at__gt=ahead).update(queued_at=None)


def try_corrected_addresses() -> None:
    """After an address is put right, what it missed is sent once."""
    refused = Mail.objects.filter(
        state=Mail.State.REFUSED, tried_at__gte=clock.now() - CORRECTED_WITHIN
    ).exclude(address="")
    corrected = [mail.pk for mail in refused.prefetch_related("to") if is_corrected(mail)]
    if corrected:
        actions.try_again(jobs=[], mails=corrected)


def send_what_was_kept() -> None:
    """When home may be written to again, also earlier than was thought: its letters are looked at again."""
    kept = Job.objects.filter(state=Job.State.WAITING).exclude(kept_for=[])
    kept_for = dict(kept.values_list("pk", "kept_for"))
    alone = left_alone({student for students in kept_for.values() for student in students})
    free = [pk for pk, students in kept_for.items() if not set(students) <= set(alone)]
    if free:
        now = clock.now()
        kept.filter(pk__in=free).update(due_at=now, since=now, kept_for=[], queued_at=None)


@shared_task
def clear() -> int:
    """Forget what ended more than a month ago."""
    ended = Job.objects.filter(
        state__in=[Job.State.DONE, Job.State.GIVEN_UP], finished_at__lt=clock.now() - KEPT
    )
    return ended.delete()[0]
