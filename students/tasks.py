"""Work outside the request."""

from __future__ import annotations

from django.core.files.storage import default_storage

from outbox import kinds


@kinds.job("students.delete_file", "Files to delete")
def delete_file(name: str) -> None:
    """A photo, a plan or an upload that no row names any more."""
    default_storage.delete(name)
