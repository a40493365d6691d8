"""What only reads and takes long may be read from a copy of the database (DATABASE_REPLICA_URL): reports and exports.

Never what decides who may see something, and never a copy that is behind: it is asked first whether it has all that the
database held when it was asked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection, connections

logger = logging.getLogger(__name__)

COPY = "replica"
TRIES, PAUSE = 5, 0.1  # how often it is asked whether it has caught up, and the seconds between

reads_from: ContextVar[str] = ContextVar("reads_from", default="default")

Answer = TypeVar("Answer")
Read = Callable[[Callable[[], Any]], Any]  # `read`, or `directly`


class Router:
    """Reads go to the copy inside `read`; all else is the database's."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return reads_from.get()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == COPY else None


def read(ask: Callable[[], Answer]) -> Answer:
    """The answer of `ask`, which writes nothing and returns no queryset: from the copy where there is one that has
    everything, otherwise from the database. It is asked again there when the copy fails half-way.
    """
    if COPY not in connections.settings or connection.in_atomic_block or not _has_everything():
        return ask()
    before = reads_from.set(COPY)
    try:
        return ask()
    except (OperationalError, InterfaceError) as problem:
        _say_away(problem)
    finally:
        reads_from.reset(before)
    return ask()


def directly(ask: Callable[[], Answer]) -> Answer:
    """In the place of `read`, for a page: the answer of the database itself."""
    return ask()


def _has_everything() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()::text")
        (now,) = cursor.fetchone()
    try:
        for place in range(TRIES):
            time.sleep(PAUSE if place else 0)
            with connections[COPY].cursor() as cursor:
                cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [now])
                (has_all,) = cursor.fetchone()
            if has_all:
                return True
    except (OperationalError, InterfaceError) as problem:
        _say_away(problem)
        return False
    logger.warning("The replica is behind. The database answers for it.")
    return False


def _say_away(problem: Exception) -> None:
    connections[COPY].close()
    logger.warning("The replica does not answer (%s). The database answers for it.", type(problem).__name__)
