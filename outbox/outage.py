"""Redis may be away: the queue, and the cache as well (keywork.cache), then do without it."""

from __future__ import annotations

import logging
import time

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10  # until it is asked again


class Outage:
    """Whether this process has just found Redis of no use: then nobody waits for it until one has asked again."""

    def __init__(self) -> None:
        self.until = self.last = 0.0  # monotonic seconds; 0: none

    def is_on(self) -> bool:
        """After PAUSE_SECONDS one caller hears False, and says by `begin` or `end` what came of its try."""
        now = time.monotonic()
        if now < self.until:
            return True
        if self.until:
            self.until = now + PAUSE_SECONDS
        return False

    def begin(self, error: Exception) -> None:
        now = time.monotonic()
        if not self.last or now - self.last > 6 * PAUSE_SECONDS:
            logger.error(
                "Redis is of no use (%s): Keywork goes on without, mail and reports wait.",
                type(error).__name__,
            )
        self.until, self.last = now + PAUSE_SECONDS, now

    def end(self) -> None:
        self.until = 0.0


outage = Outage()
