"""When something is tried again, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
PATIENCE = timedelta(days=2)  # a server may be away for a weekend; what is older is of little use


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries in a row: half a minute, then twice as long each time, at most an hour."""
    return min(FIRST * 2 ** min(max(tries, 1) - 1, 10), LONGEST)


def next_try(*, now: datetime, tries: int, most: int, patient: bool, since: datetime) -> datetime | None:
    """When it is tried again after it has not worked; None when it has failed.

    `tries` and `most` count the tries in a row in which nothing of it got done. `since` is when it was first due:
    where something outside is at fault, as a mail server or a full disk (`patient`), it is tried for two days.
    """
    later = now + pause(tries)
    if patient:
        return later if later <= since + PATIENCE else None
    return later if tries < most else None
