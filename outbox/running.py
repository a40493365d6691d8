"""Doing one row of the outbox: claimed, kept while something of it gets done, and ended by whoever holds it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from keywork import clock

from . import errors, rules, sending
from .kinds import KINDS, TRIES, JobKind, NotDone, opens, priority_of, queue_of
from .models import Job
from .outage import outage

logger = logging.getLogger(__name__)

OUTSIDE = (OSError, DatabaseError, InterfaceError)  # no fault of what is to be done
STOPS = 10  # in a row, after which what stops its worker is not tried any more
CLAIMS = 0x4B57_0002  # advisory locks: "KW", rows of the same being claimed
STOPPED = "The worker was stopped each time it was at it"


class LeaseLost(Exception):
    """Somebody else is at it now: whoever finds that stops at once and writes nothing."""


class Lease:
    """A row that this process has claimed, and does until it says how that ended."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.mine = Job.objects.filter(pk=job.pk, claim=job.claim, tries=job.tries, state=Job.State.RUNNING)

    def _write(self, **values: Any) -> None:
        if not self.mine.update(**values):
            raise LeaseLost

    def _end(self, state: Job.State, **values: Any) -> None:
        ended: dict[str, Any] = {"leased_until": None, "claim": "", "error": "", "detail": ""}
        self._write(state=state, **ended | values)

    def keep(self) -> None:
        """Still at it."""
        self._write(leased_until=clock.now() + _lease())

    def progress(self) -> None:
        """Something of it is done for good: what is left has all its tries again."""
        self._write(leased_until=clock.now() + _lease(), tries=1)
        self.job.tries = 1
        self.mine = Job.objects.filter(pk=self.job.pk, claim=self.job.claim, tries=1, state=Job.State.RUNNING)

    def done(self) -> None:
        self._end(Job.State.DONE, finished_at=clock.now())

    def keep_until(self, due_at: datetime, students: list[int]) -> None:
        """What is left of it is kept: the time until then is none of its tries."""
        again = {"due_at": due_at, "since": due_at, "tries": 0, "queued_at": None}
        self._end(Job.State.WAITING, kept_for=students, **again)

    def failed(self, error: str, detail: str = "") -> None:
        self._end(Job.State.FAILED, error=error, detail=detail)

    def not_done(self, error: BaseException, kind: JobKind | None) -> None:
        """It did not work: it waits for its next try, or has failed."""
        words, detail = errors.in_words(error)[:300], errors.where(error)[:300]
        job, now = self.job, clock.now()
        due_at = rules.next_try(
            now=now,
            tries=job.tries,
            most=kind.tries if kind else TRIES,
            patient=kind is None or kind.is_mail or isinstance(error, OUTSIDE),
            since=job.since,
        )
        if due_at is None:
            self.failed(words, detail)
            return
        opened = opens(job.kind, due_at)
        # The time in between was not its own.
        anew = {} if opened == due_at else {"since": opened, "tries": 0}
        self._end(Job.State.WAITING, due_at=opened, queued_at=None, error=words, detail=detail, **anew)


def run(pk: int, claim: str) -> bool:
    """Do a row if it is due and nobody is at it or at the same; whether it was claimed. `claim` names the message of the queue.

    The same message is delivered again only when the process that had it is gone, so it takes the row over at once.
    """
    lease = _claimed(pk, claim)
    if lease is None:
        return False
    kind = KINDS.get(lease.job.kind)
    try:
        if kind is None:
            lease.not_done(NotDone("This version of Keywork does not know what this is"), kind)
        elif kind.is_mail:
            sending.send(lease, kind)
        else:
            for _ in kind.function(**lease.job.arguments) or ():
                lease.progress()
            lease.done()
    except LeaseLost:
        logger.warning("Job %s was taken over by another worker.", pk)
    except Exception as error:  # noqa: BLE001  whatever it is, it is written down and tried again
        logger.warning("Job %s (%s) did not work: %s", pk, lease.job.kind, errors.where(error))
        try:
            lease.not_done(error, kind)
        except LeaseLost:
            logger.warning("Job %s was taken over by another worker.", pk)
    for waiting in Job.objects.same_as(lease.job).filter(state=Job.State.WAITING, due_at__lte=clock.now()):
        queue(waiting.pk, waiting.kind)
    return True


@shared_task(name="outbox.tasks.run", bind=True, acks_late=True, reject_on_worker_lost=True)
def run_queued(self: Any, pk: int) -> None:
    """What the queue calls with the id of a row. When its process is killed the message comes again, and goes on there."""
    run(pk, self.request.id)


def queue_after_commit(job: Job) -> None:
    transaction.on_commit(partial(queue, job.pk, job.kind), robust=True)


def queue(pk: int, kind: str) -> bool:
    """Put an id in the queue of its kind; whether that worked. When it does not, the sweep finds the row."""
    if not outage.is_on():
        try:
            run_queued.apply_async((pk,), queue=queue_of(kind), priority=priority_of(kind), retry=False)
        except (OSError, KombuError, RedisError) as error:
            outage.begin(error)
        else:
            outage.end()
            return True
    Job.objects.filter(pk=pk, state=Job.State.WAITING).update(queued_at=None)
    return False


@transaction.atomic
def _claimed(pk: int, claim: str) -> Lease | None:
    now = clock.now()
    free = Job.objects.select_for_update(skip_locked=True, of=("self",))
    job = (free.due(now) | free.filter(state=Job.State.RUNNING, claim=claim)).filter(pk=pk).first()
    if job is None:
        return None
    if job.state == Job.State.RUNNING and job.tries >= STOPS:
        job.state, job.error, job.detail = Job.State.FAILED, STOPPED, ""
        job.leased_until, job.claim = None, ""
        job.save()
        return None
    if _same_is_being_done(job, now):
        return None
    job.state, job.claim, job.leased_until = Job.State.RUNNING, claim, now + _lease()
    job.tries, job.tried_at, job.kept_for = job.tries + 1, now, []
    job.save(update_fields=["state", "claim", "leased_until", "tries", "tried_at", "kept_for"])
    return Lease(job)


def _same_is_being_done(job: Job, now: datetime) -> bool:
    """Two at the same would each send its letters. Whoever is at it puts this one in the queue when it ends."""
    if not job.key:
        return False
    with connection.cursor() as cursor:  # two rows of the same are claimed one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [CLAIMS, f"{job.kind} {job.key}"])
    return Job.objects.same_as(job).filter(state=Job.State.RUNNING, leased_until__gt=now).exists()


def _lease() -> timedelta:
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
