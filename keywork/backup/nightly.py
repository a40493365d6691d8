"""The backup of each night: to a directory and a public key of the settings, so that no secret lies on the server.

Kept are the newest of each of the last days, weeks and months that have one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from keywork import clock
from keywork.errors import Refused

from . import archive
from .make import backup

DAYS, WEEKS, MONTHS = 7, 5, 12
NAME = "keywork-%Y-%m-%dT%H%MZ.age"
_PATTERN = re.compile(r"keywork-\d{4}-\d{2}-\d{2}T\d{4}Z\.age")


def is_set_up() -> bool:
    return bool(settings.BACKUP_DIR and settings.BACKUP_RECIPIENT)


def back_up() -> Path | None:
    """Make tonight's backup and remove those that need not be kept; None where no nightly backup is set up.

    Raises `Refused` with a sentence; what was there then stays.
    """
    if not is_set_up():
        return None
    directory = Path(settings.BACKUP_DIR)
    if not directory.is_dir():  # never made here: a disk that is not mounted must not be written past
        raise Refused(f"The directory for backups, {directory}, is not there (KEYWORK_BACKUP_DIR).")
    file = directory / clock.now().strftime(NAME)
    backup(file, recipients=archive.recipients(settings.BACKUP_RECIPIENT))
    rotate(directory)
    return file


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
