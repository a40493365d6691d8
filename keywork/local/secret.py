"""The secret key of an installation that was not given one."""

import contextlib
import os
import secrets
from pathlib import Path

from keywork.local import data_dir
from keywork.local.files import private_directory


def secret_key() -> str:
    """A random key made on first use and kept in the data directory, readable by its owner only."""
    path = data_dir() / "secret-key"
    if not path.exists():
        draft = _draft(path, secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whoever comes first decides; the others read theirs
        draft.unlink()
    return path.read_text()


def keep_secret_key(key: str) -> bool:
    """Keep the key of a backup in place of the one made here; False where the settings name one, which then counts."""
    if os.environ.get("KEYWORK_SECRET_KEY"):
        return False
    path = data_dir() / "secret-key"
    _draft(path, key).replace(path)
    return True


def _draft(path: Path, key: str) -> Path:
    private_directory(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(key)
    return draft
