"""Scheduled work is itself watched: a job that stopped running is noticed on the pages and by /healthz."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from . import clock, prepared
from .models import JobRun, School

NIGHTLY = "record_misses"
BACKUP, DRILL = "backup", "restore_drill"
LATE_AFTER = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class LateJob:
    """A job that has not finished for too long; `last_at` is when it last did, None for never."""

    name: str
    last_at: datetime | None

    @property
    def words(self) -> str:
        return f"has not run since {self.last_at:%Y-%m-%dT%H:%MZ}" if self.last_at else "has never run"


def late_job() -> LateJob | None:
    """The nightly job when it has not finished within 26 hours; None when it has, or before there is a school."""
    late: LateJob | None = looked_for_late_job().now()
    return late


def looked_for_late_job() -> prepared.Read:
    """`late_job`, to be read with others."""
    return prepared.Read(_finished, NIGHTLY, clock.now(), then=_late)


def _late(rows: list[Any]) -> LateJob | None:
    last_at = rows[0][0] if rows else None
    if last_at is not None and clock.now() - last_at <= LATE_AFTER:
        return None
    today = clock.today()
    # One opened today, for days gone by, owes nothing yet.
    owing = School.objects.filter(went_live_on__lt=today).exclude(opened_on=today)
    if last_at is None and not owing.exists():
        return None
    return LateJob(NIGHTLY, last_at)


@contextmanager
def job_run(name: str, as_of: date) -> Iterator[dict[str, Any]]:
    """Leave a row for this run; what the body puts in the yielded dict is kept with it as plain JSON.

    The row is written at once and completed at the end. A run that was killed or failed stays unfinished, so
    the next one knows how far back to look.
    """
    run = JobRun.objects.create(name=name, as_of=as_of, started_at=clock.now())
    result: dict[str, Any] = {}
    yield result
    run.result, run.finished_at = result, clock.now()
    run.save(update_fields=["result", "finished_at"])


def last_finished(name: str) -> JobRun | None:
    """The latest run of a job that came to its end; one that ended in the future, by a clock that was ahead, did not."""
    return _by_end(name, clock.now()).first()


def _by_end(name: str, now: datetime) -> QuerySet[JobRun]:
    return JobRun.objects.filter(name=name, finished_at__lte=now).order_by("-finished_at")


def _finished(name: str, now: datetime) -> QuerySet:
    return _by_end(name, now).values_list("finished_at")[:1]
