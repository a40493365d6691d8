"""Uploads and reports on the disk of this computer; keywork.bucket has them elsewhere."""

from __future__ import annotations

from typing import Any

from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction

# The advisory lock: shared by those who delete, a backup's alone while it links the files.
DELETING = 0x6B657978


class DeletesAfterBackups:
    """Deletes no file between the moment of a backup's database and its hold on the files of that moment."""

    def delete(self, name: str) -> None:
        """Waits while a backup takes hold of the files, which is a second or two."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [DELETING])
            self._delete(name)

    def _delete(self, name: str) -> Any:
        raise NotImplementedError


class MediaStorage(DeletesAfterBackups, FileSystemStorage):
    def _delete(self, name: str) -> None:
        FileSystemStorage.delete(self, name)
