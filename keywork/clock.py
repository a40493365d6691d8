"""The one place that says what time it is, so that a test or a command can freeze it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_frozen: ContextVar[datetime | None] = ContextVar("keywork_frozen_now", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """The civil date in Europe/London: every rule of the school counts in these (domain section 5)."""
    return now().astimezone(LONDON).date()


@contextmanager
def frozen(moment: datetime | date) -> Iterator[datetime]:
    """Hold the clock at `moment`; a bare date means noon in London that day."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(12), tzinfo=LONDON)
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield moment
    finally:
        _frozen.reset(token)
