"""Is a stored file there, as it was made?"""

from __future__ import annotations

import hashlib

from django.db.models.fields.files import FieldFile


def has_digest(stored: FieldFile, sha256: str) -> bool:
    """Is the file there, with this digest?"""
    try:
        with stored.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except (OSError, ValueError):  # no file, or one that cannot be read
        return False
