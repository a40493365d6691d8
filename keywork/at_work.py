"""A worker says that it is there, whatever its processes are busy with: keywork.health believes what it said lately.

The main process of a worker beats every two seconds while it has a line to the queue. It has no connection of Django's,
which its children would inherit, and never waits for a database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from contextlib import suppress

import psycopg

from outbox.kinds import MAIL_QUEUE, PRINTING_QUEUE

from . import clock
from .sql import connecting

SECONDS = 15  # between two notes
NAMES = {MAIL_QUEUE: "worker", PRINTING_QUEUE: "printer"}
NOTE = """INSERT INTO keywork_heartbeat (name, at) SELECT unnest(%s::text[]), %s
ON CONFLICT (name) DO UPDATE SET at = excluded.at"""


class Sign:
    """Of one worker, which takes from `queues`."""

    def __init__(self) -> None:
        self.noted_at = -float(SECONDS)
        self.noting: threading.Thread | None = None

    def give(self, queues: Collection[str]) -> None:
        """Note it, unless that was done just now, or the database still takes its time over the last."""
        is_noting = self.noting is not None and self.noting.is_alive()
        if is_noting or time.monotonic() - self.noted_at < SECONDS:
            return
        self.noted_at = time.monotonic()
        names = [name for queue, name in NAMES.items() if queue in queues]
        self.noting = threading.Thread(target=_note, args=(names,), daemon=True)
        self.noting.start()


def _note(names: list[str]) -> None:
    with suppress(psycopg.Error), psycopg.connect(**connecting() | {"connect_timeout": 5}) as server:
        server.execute(NOTE, [names, clock.now()])
