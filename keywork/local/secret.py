"""The secret key of an installation that was not given one."""

import contextlib
import os
import secrets

from keywork.local import data_dir
from keywork.local.files import private_directory


def secret_key() -> str:
    """A random key made on first use and kept in the data directory, readable by its owner only."""
    path = data_dir() / "secret-key"
    if not path.exists():
        private_directory(path.parent)
        draft = path.with_name(f"secret-key.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whoever comes first decides; the others read theirs
        draft.unlink()
    return path.read_text()
