"""Whether all is well with Keywork itself, in sentences that name nobody: for /healthz and for the administrator."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import redis
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error, InterfaceError, OperationalError, connection, transaction

from keywork.errors import Refused
from outbox.models import Job

from . import clock
from .backup.facts import late_backup
from .cache import CONNECTING
from .dates import day_in_full, london_date, time_of_day
from .jobs import late_job
from .models import Heartbeat, School
from .sql import connecting

PATIENCE = 0.8  # seconds for everything together; /healthz answers within one
ROWS = 0.25  # seconds for each look at the rows
BEAT_LATE, QUEUE_LATE = timedelta(minutes=3), timedelta(minutes=15)
WORKER_LATE = timedelta(seconds=75)  # it says that it is there every 15 (keywork.at_work), however busy
CLOCKS_APART = timedelta(minutes=2)
LEAST_FREE = 1 << 30  # bytes: a batch of reports and a backup in the making

Found = dict[str, str]  # a short name, and its sentence

DATABASE = "The database does not answer."
CLOCKS = "The clocks of this computer and of the database do not agree: set both by the network (NTP)."
QUEUE = "Redis does not answer, or takes nothing more: mail and reports wait."
NO_DATABASE, NO_REDIS = {"database": DATABASE}, {"redis": QUEUE}
SLOW = "The database is too slow to say whether work is late."


def wrong() -> dict[str, str]:
    """What is wrong, by a short name, each with its sentence; empty when all is well. Takes less than a second."""
    within = connection.in_atomic_block  # as in a test: only this thread sees what was written
    asked = dict(CHECKS)
    if within:
        del asked["rows"]
    found = _in_time(asked)
    if within and "database" not in found:
        found |= _rows_in_time()
    if found.get("database") == DATABASE:
        return {name: words for name, words in found.items() if name in ("database", "redis", "media")}
    return found


def serves(found: dict[str, str]) -> bool:
    """Whether pages are answered all the same: what is wrong is for people to mend while Keywork goes on."""
    return "database" not in found


def _in_time(checks: Mapping[str, tuple[Callable[[], Found], Found]]) -> Found:
    """Each check at the same time; whoever has not answered within `PATIENCE` is as good as down.

    One that still waits for its answer is not asked again, so a dead server does not gather threads.
    """
    limit = time.monotonic() + PATIENCE
    started = {name: _asked(name, check) for name, (check, _) in checks.items()}
    found: Found = {}
    for name, (_, otherwise) in checks.items():
        thread = started[name]
        thread.join(max(0.0, limit - time.monotonic()))
        found |= otherwise if thread.is_alive() else thread.found
    return found


class _Check(threading.Thread):
    def __init__(self, check: Callable[[], Found]) -> None:
        super().__init__(daemon=True)
        self.check = check
        self.found: Found = {}

    def run(self) -> None:
        self.found = self.check()


_waiting: dict[str, _Check] = {}


def _asked(name: str, check: Callable[[], Found]) -> _Check:
    before = _waiting.get(name)
    if before is not None and before.is_alive():
        return before
    _waiting[name] = thread = _Check(check)
    thread.start()
    return thread


# What is outside


def _database() -> Found:
    try:
        with psycopg.connect(**connecting() | {"connect_timeout": 2}, autocommit=True) as server:
            row = server.execute("SELECT clock_timestamp()").fetchone()
    except psycopg.Error:
        return NO_DATABASE
    if row and abs(datetime.now(UTC) - row[0]) > CLOCKS_APART:
        return {"clock": CLOCKS}
    return {}


def _redis() -> Found:
    try:
        location, longer = str(settings.CACHES["default"]["LOCATION"]), {"socket_timeout": 2}
        with redis.from_url(location, **CONNECTING | longer) as server:
            server.set("healthz", "ok", ex=10)
    except redis.RedisError:
        return NO_REDIS
    return {}


NO_BUCKET = (
    "The bucket of uploads and reports does not answer, or lets Keywork in no more (KEYWORK_MEDIA_URL)."
)
NO_MEDIA = "Uploads and reports cannot be written (KEYWORK_MEDIA_DIR)."


def _media() -> Found:
    if not isinstance(default_storage, FileSystemStorage):
        try:
            default_storage.exists(".keywork-healthz")
        except OSError:
            return {"media": NO_BUCKET}
        return {}
    root = Path(default_storage.location)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = root / f".keywork-healthz-{os.getpid()}-{threading.get_ident()}"
        probe.write_bytes(b"ok")
        probe.unlink()
        free = shutil.disk_usage(root).free
    except OSError:
        return {"media": NO_MEDIA}
    if free < LEAST_FREE:
        return {
            "media": f"The disk of uploads and reports is nearly full: {free // (1 << 20):,} MB are free."
        }
    return {}


# What the rows say


def _rows_alone() -> Found:
    """In a thread of its own: a server that hangs holds nobody up but that."""
    try:
        return _rows_in_time()
    finally:
        connection.close()


def _rows_in_time() -> Found:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{ROWS * 1000:.0f}"])
            found = _rows()
            with connection.cursor() as cursor:  # a transaction round this one goes on without it
                cursor.execute("SET LOCAL statement_timeout = DEFAULT")
            return found
    except (OperationalError, InterfaceError):
        connection.close()
        return NO_DATABASE
    except Error:
        return {"database": "The database is not that of this version of Keywork: run manage.py migrate."}


def _rows() -> Found:
    found: Found = {}
    if not School.objects.exists():
        found["school"] = "No school is set up yet: run manage.py setup_school (docs/operations.md)."
    now, seen = clock.now(), dict(Heartbeat.objects.values_list("name", "at"))
    for name, late, what in (
        ("beat", BEAT_LATE, "Beat, which starts what is due at a time,"),
        ("worker", WORKER_LATE, "The worker that sends mail"),
        ("printer", WORKER_LATE, "The worker that prints reports"),
    ):
        at = seen.get(name)
        if at is None or not now - late <= at <= now + late:
            found[name] = f"{what} has not been at work {f'since {_moment(at)}' if at else 'yet'}."
    if nightly := late_job():
        found["nightly"] = (
            f"The nightly work has not been done since {_moment(nightly.last_at)}."
            if nightly.last_at
            else "The nightly work has never been done."
        )
    waiting = Job.objects.due(now - QUEUE_LATE).order_by("due_at").values_list("due_at", flat=True).first()
    if waiting:
        found["queue"] = f"What is to be done after somebody saved waits since {_moment(waiting)}."
    if failed := Job.objects.filter(state=Job.State.FAILED).count():
        found["failed"] = (
            f"{failed} {'thing' if failed == 1 else 'things'} to be sent or made did not work, and {'waits' if failed == 1 else 'wait'} for an "
            "administrator (Health, on the page School)."
        )
    try:
        if sentence := late_backup():
            found["backup"] = sentence
    except Refused as refused:
        found["backup"] = str(refused)
    return found


def _moment(at: datetime) -> str:
    return f"{time_of_day(at.astimezone(clock.LONDON).time())} on {day_in_full(london_date(at))}"


# Each check, and what is said where it does not answer in time.
CHECKS: Mapping[str, tuple[Callable[[], Found], Found]] = {
    "database": (_database, NO_DATABASE),
    "redis": (_redis, NO_REDIS),
    "media": (_media, {"media": NO_MEDIA}),
    "rows": (_rows_alone, {"rows": SLOW}),
}
