"""Scheduled work is itself watched: a job that stopped running is noticed on the pages and by /healthz."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from . import clock
from .models import JobRun, School

NIGHTLY = "record_misses"
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
    last_at = (
        JobRun.objects.filter(name=NIGHTLY, finished_at__isnull=False)
        .order_by("-finished_at")
        .values_list("finished_at", flat=True)
        .first()
    )
    if last_at is not None and clock.now() - last_at <= LATE_AFTER:
        return None
    if last_at is None and not School.objects.filter(went_live_on__lt=clock.today()).exists():
        return None
    return LateJob(NIGHTLY, last_at)
