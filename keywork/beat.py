"""What Celery beat keeps its times in: the database, so that no file can break and no container loses them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from celery.beat import Scheduler as MemoryScheduler
from django.db import Error, connection

from . import clock
from .models import Heartbeat

logger = logging.getLogger(__name__)

SENT = "sent "
OFTEN = timedelta(seconds=30)  # between two signs of life, and between two tries to reach the queue
JUMP = timedelta(minutes=1)
# What is older is due all the same, and a timetable cannot reckon with the year 1.
LONG_AGO = timedelta(days=366)


class Scheduler(MemoryScheduler):
    """Sends what is due, also what a stopped beat or a queue that was away kept from being sent.

    A time in the future is not believed: it was written while the clock was ahead.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._recalled = self._sending_failed = self._database_failed = False
        self._noted: datetime | None = None
        self._last_tick: datetime | None = None
        super().__init__(*args, **options)

    def tick(self, *args: Any, **options: Any) -> float:
        """One due job; the seconds until the next call."""
        now = clock.now()
        if not self._recalled:
            self._recall(now)
        self._distrust_the_future(now)
        if self._noted is None or not OFTEN > now - self._noted >= timedelta(0):
            self._note("beat")
            self._noted = now
        tried, self._sending_failed = self._sending_failed, False
        wait = super().tick(*args, **options)
        if self._sending_failed:
            if not tried:
                logger.error("Beat could not reach the queue. What is due is sent as soon as it is back.")
            self._heap = None
            return OFTEN.total_seconds()
        return min(wait, OFTEN.total_seconds())

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send it; one that could not be sent stays due."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception:  # noqa: BLE001  whatever kept it from the queue, it is tried again
            self._sending_failed = True
            self.schedule[entry.name].last_run_at = entry.last_run_at
        else:
            self._note(f"{SENT}{entry.name}")

    def _ensure_connected(self) -> Any:
        return self.connection  # and no waiting for a queue that is away: other work is to be done

    def _recall(self, now: datetime) -> None:
        """When each was last sent, from the database. Until it answers, beat goes on from its own start."""
        try:
            found = dict(Heartbeat.objects.filter(name__startswith=SENT).values_list("name", "at"))
        except Error:
            self._say_database_failed()
            return
        for name, entry in self.schedule.items():
            if (at := found.get(f"{SENT}{name}")) and at <= now + JUMP:
                entry.last_run_at = max(at, now - LONG_AGO)
        self._recalled, self._heap = True, None

    def _distrust_the_future(self, now: datetime) -> None:
        went_back = self._last_tick is not None and now < self._last_tick - JUMP
        self._last_tick = now
        ahead = [
            entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now + JUMP
        ]
        for entry in ahead:
            entry.last_run_at = now
        if went_back or ahead:
            self._heap = None  # its times were of the other clock
            logger.warning("The clock of this computer went back. Beat counts from now.")

    def _note(self, name: str) -> None:
        for is_last in (False, True):  # the connection may be one that a restart of Postgres has ended
            try:
                Heartbeat.note(name)
            except Error:
                connection.close()
                if is_last:
                    self._say_database_failed()
            else:
                self._database_failed = False
                return

    def _say_database_failed(self) -> None:
        connection.close()
        if not self._database_failed:
            logger.error("Beat could not reach the database. It goes on and tries again.")
        self._database_failed = True
