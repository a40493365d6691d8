"""Which nightly backups are kept: the newest of each of the last days, weeks and months that have one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

DAYS, WEEKS, MONTHS = 7, 5, 12
NAME = "keywork-%Y-%m-%dT%H%MZ.age"
_PATTERN = re.compile(r"keywork-\d{4}-\d{2}-\d{2}T\d{4}Z\.age")


def kept(made: Iterable[datetime]) -> set[datetime]:
    """Those to keep of backups made at these moments: seven days', five weeks' and twelve months'."""
    newest_first = sorted(set(made), reverse=True)
    found: set[datetime] = set()
    spans: list[tuple[int, Callable[[date], Any]]] = [
        (DAYS, lambda day: day),
        (WEEKS, lambda day: day.isocalendar()[:2]),
        (MONTHS, lambda day: (day.year, day.month)),
    ]
    for most, span in spans:
        newest_of: dict[Any, datetime] = {}
        for moment in newest_first:
            newest_of.setdefault(span(moment.date()), moment)
        found.update(list(newest_of.values())[:most])
    return found


def backups(directory: Path) -> dict[datetime, Path]:
    """The nightly backups of a directory by the moment (UTC) that their names tell; nothing else is looked at."""
    return {
        datetime.strptime(path.name, NAME): path
        for path in directory.iterdir()
        if _PATTERN.fullmatch(path.name) and path.is_file()
    }


def rotate(directory: Path) -> list[Path]:
    """Remove the nightly backups that need not be kept; which they were."""
    found = backups(directory)
    gone = [found[moment] for moment in sorted(found.keys() - kept(found))]
    for path in gone:
        path.unlink()
    return gone
