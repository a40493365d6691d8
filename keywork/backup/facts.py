"""What the administrator is told about backups: when the last was made, how large it is, when one was last tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keywork import clock
from keywork.dates import day_in_full, london_date
from keywork.jobs import BACKUP, DRILL, last_finished
from keywork.models import JobRun, School

from . import nightly

BACKUP_LATE_AFTER = timedelta(hours=26)
DRILL_LATE_AFTER = timedelta(days=100)  # once a term


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """`late` are sentences, one for each thing to do; empty when all is well."""

    is_nightly: bool
    last_at: datetime | None
    last_bytes: int
    last_file: str
    failed_at: datetime | None  # a later one that did not come to its end
    drill_at: datetime | None
    late: list[str]


def backup_facts() -> BackupFacts:
    """As of now, from the rows of the jobs."""
    made, tried = last_finished(BACKUP), last_finished(DRILL)
    failed = _failed_since(made)
    now, late = clock.now(), []
    if not nightly.is_set_up():
        late.append(
            "No backup is made at night: set KEYWORK_BACKUP_DIR and KEYWORK_BACKUP_RECIPIENT (docs/operations.md)."
        )
    elif sentence := late_backup():
        late.append(sentence)
    tried_at = tried.finished_at if tried else None
    if made and (tried_at is None or now - tried_at > DRILL_LATE_AFTER):
        last = f"since {_day(tried_at)}" if tried_at else "yet"
        late.append(f"No backup has been tried {last}: run manage.py restore --drill with the newest.")
    return BackupFacts(
        is_nightly=nightly.is_set_up(),
        last_at=made.finished_at if made else None,
        last_bytes=made.result.get("bytes", 0) if made else 0,
        last_file=made.result.get("file", "") if made else "",
        failed_at=failed.started_at if failed else None,
        drill_at=tried_at,
        late=late,
    )


def late_backup() -> str:
    """The sentence for a nightly backup that is late; empty when it is not, or none is set up."""
    if not nightly.is_set_up():
        return ""
    made, now = last_finished(BACKUP), clock.now()
    if made and made.finished_at and now - made.finished_at <= BACKUP_LATE_AFTER:
        return ""
    if made and made.finished_at:
        return f"The last backup was made on {_day(made.finished_at)}."
    if not School.objects.filter(went_live_on__lt=clock.today()).exists():
        return ""
    return "No backup has been made yet."


def _failed_since(made: JobRun | None) -> JobRun | None:
    """The latest run that is not the last good one, began after it and has had a day to end."""
    runs = JobRun.objects.filter(name=BACKUP, finished_at__isnull=True).order_by("-started_at")
    if made and made.finished_at:
        runs = runs.filter(started_at__gt=made.started_at)
    return runs.filter(started_at__lt=clock.now() - timedelta(hours=6)).first()


def _day(moment: datetime | None) -> str:
    return day_in_full(london_date(moment)) if moment else ""
