"""Asking for something to be done after the commit, and what an administrator does when it was not."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from keywork import clock

from .kinds import KINDS, opens
from .models import Job, Mail
from .running import queue_after_commit, run
from .sending import REFUSED

LONGEST_WORD = 60
LOOKED_AGAIN = 0.2  # seconds between two looks at what another process does


def do(kind: str, *, key: str = "", due_at: datetime | None = None, **ids: Any) -> Job:
    """Have it done after this transaction commits: the row is part of it, so neither is ever without the other.

    `kind` is a registered name (outbox.kinds), `ids` its arguments: ids, numbers, dates and short slugs, never a
    name, address, link or secret. `due_at` is the earliest moment; what `waits` waits for the next hour in which staff
    are written to. What may be asked for twice has a `key`: asked
    again while it waits, it is done once; asked again after it failed, it is tried again from the start.
    Raises KeyError, ValueError for what may not be kept.
    """
    KINDS[kind]
    _refuse_words(ids)
    if key:
        return _ask_once(kind, key, due_at, ids)
    return _write(kind, key, due_at, ids)


def do_here(kind: str, *, key: str = "", **ids: Any) -> Job:
    """As `do`, and tried before it returns: for a command. Not inside a transaction that may fail.

    Done in this process, unless a worker was first or is at the same: then that is waited for.
    """
    job, claim = do(kind, key=key, **ids), f"here-{uuid4().hex}"
    while not run(job.pk, claim):
        job.refresh_from_db()
        if job.state != Job.State.RUNNING and not Job.objects.due(clock.now()).filter(pk=job.pk).exists():
            break
        time.sleep(LOOKED_AGAIN)
    job.refresh_from_db()
    return job


def latest(kind: str, key: str) -> Job | None:
    """What became of it when it was last asked for; None when it never was, or is done for more than a month."""
    return latest_of(kind, [key]).get(key)


def latest_of(kind: str | Iterable[str], keys: Iterable[Any]) -> dict[str, Job]:
    """`latest` of several, by key, in two queries; of several kinds, where no key is one of two of them."""
    kinds = [kind] if isinstance(kind, str) else list(kind)
    jobs = Job.objects.filter(kind__in=kinds, key__in=[str(key) for key in keys]).prefetch_related("mails")
    return {job.key: job for job in jobs.order_by("key", "-pk").distinct("key")}


@transaction.atomic
def try_again(*, jobs: Iterable[int], mails: Iterable[int] = (), by: Any = None) -> int:
    """Failed jobs and refused letters once more, from the start; how many jobs. `by` is None for Keywork itself.

    A letter that was sent is not sent again.
    """
    wanted, letters = set(jobs), list(mails)
    Mail.objects.filter(pk__in=letters, state=Mail.State.REFUSED).update(state=Mail.State.WAITING, error="")
    Mail.objects.filter(job__in=wanted, state=Mail.State.REFUSED).update(state=Mail.State.WAITING, error="")
    wanted |= set(Mail.objects.filter(pk__in=letters).values_list("job", flat=True))
    now, again = clock.now(), 0
    for job in Job.objects.select_for_update().filter(pk__in=wanted).order_by("pk"):
        if job.state in (Job.State.FAILED, Job.State.WAITING) or (
            job.state == Job.State.DONE and job.mails.filter(state=Mail.State.WAITING).exists()
        ):
            _begin_again(job, now)
            again += 1
    return again


@transaction.atomic
def give_up(*, jobs: Iterable[int] = (), mails: Iterable[int] = (), by: Any) -> int:
    """What failed or waits, or a refused letter, is not tried any more; how many. Kept with the name of who says so."""
    now = clock.now()
    left = Job.objects.filter(pk__in=list(jobs), state__in=[Job.State.FAILED, Job.State.WAITING])
    ended = left.update(state=Job.State.GIVEN_UP, finished_at=now, ended_by=by)
    Mail.objects.filter(job__in=list(jobs), state=Mail.State.REFUSED).update(
        state=Mail.State.GIVEN_UP, ended_by=by, tried_at=now
    )
    letters = Mail.objects.filter(pk__in=list(mails), state=Mail.State.REFUSED)
    owners = set(letters.values_list("job", flat=True))
    ended += letters.update(state=Mail.State.GIVEN_UP, ended_by=by, tried_at=now)
    open_ones = Mail.objects.filter(job__in=owners).exclude(
        state__in=[Mail.State.SENT, Mail.State.NOT_NEEDED, Mail.State.GIVEN_UP]
    )
    Job.objects.filter(pk__in=owners, state=Job.State.FAILED).exclude(pk__in=open_ones.values("job")).update(
        state=Job.State.GIVEN_UP, finished_at=now, ended_by=by
    )
    return ended


@transaction.atomic
def returned(*, message_id: str, why: str) -> bool:
    """A letter that a server took and then could not deliver: refused, as if it had said so at once. Whether it is ours."""
    mail = Mail.objects.select_for_update().filter(message_id=message_id, state=Mail.State.SENT).first()
    if mail is None:
        return False
    mail.state, mail.error = Mail.State.REFUSED, why
    mail.save(update_fields=["state", "error"])
    Job.objects.filter(pk=mail.job_id, state=Job.State.DONE).update(state=Job.State.FAILED, error=REFUSED)
    return True


def _write(kind: str, key: str, due_at: datetime | None, ids: Mapping[str, Any]) -> Job:
    now = clock.now()
    due = opens(kind, due_at or now)
    job = Job.objects.create(
        kind=kind,
        key=key,
        arguments=dict(ids),
        created_at=now,
        since=due,
        due_at=due,
        queued_at=now if due <= now else None,
    )
    if due <= now:
        queue_after_commit(job)
    return job


def _ask_once(kind: str, key: str, due_at: datetime | None, ids: Mapping[str, Any]) -> Job:
    for _ in range(3):
        asked = Job.objects.select_for_update().filter(kind=kind, key=key, asked_anew=False)
        with transaction.atomic():
            job = asked.filter(state__in=[Job.State.WAITING, Job.State.FAILED]).first()
            if job is not None:
                job.arguments = dict(ids)
                job.mails.filter(state=Mail.State.REFUSED).update(state=Mail.State.WAITING, error="")
                _begin_again(job, due_at or clock.now())
                return job
            # What is being done now may have read what was true before: it is done once more, after that one.
            asked.filter(state=Job.State.RUNNING).update(asked_anew=True)
        try:
            with transaction.atomic():
                return _write(kind, key, due_at, ids)
        except IntegrityError:  # somebody asked at the same moment
            continue
    raise RuntimeError("The outbox could not be written to: it was asked for the same again and again.")


def _begin_again(job: Job, due_at: datetime) -> None:
    now, due_at = clock.now(), opens(job.kind, due_at)
    job.state, job.tries, job.since, job.due_at = Job.State.WAITING, 0, due_at, due_at
    job.queued_at = now if due_at <= now else None
    job.finished_at = job.ended_by = None
    job.error = job.detail = ""
    job.save()
    if due_at <= now:
        queue_after_commit(job)


def _refuse_words(value: Any) -> None:
    if isinstance(value, str) and (len(value) > LONGEST_WORD or "@" in value or "//" in value):
        raise ValueError("The outbox keeps ids, numbers, dates and short slugs alone.")
    if isinstance(value, Mapping):
        for inner in (*value.keys(), *value.values()):
            _refuse_words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_words(inner)
