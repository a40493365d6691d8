"""A secret key made once and kept, for installations that did not bring one."""

import os
import secrets

from keywork.local import data_dir


def secret_key() -> str:
    """The installation's own random key, from `<data dir>/secret-key`, readable by its owner only."""
    path = data_dir() / "secret-key"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
