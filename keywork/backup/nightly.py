"""The backup of each night: to a directory and a public key of the settings, so that no secret lies on the server."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from keywork import clock
from keywork.errors import Refused

from . import archive, rotation
from .make import backup


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
    file = directory / clock.now().strftime(rotation.NAME)
    backup(file, recipients=archive.recipients(settings.BACKUP_RECIPIENT))
    rotation.rotate(directory)
    return file
