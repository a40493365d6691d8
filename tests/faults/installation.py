"""An installation in a directory of its own, and commands in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from keywork.local import REPOSITORY
from tests.local.conftest import environment

Outcome = tuple[str, str]

PASSPHRASE = "five plain words in order"


def started(directory: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Python with these arguments, in the installation of this directory."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=environment(
            directory,
            DJANGO_SETTINGS_MODULE="keywork.settings",
            KEYWORK_BACKUP_PASSPHRASE=PASSPHRASE,
            KEYWORK_LOG_LEVEL="ERROR",
            **more,
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def done(directory: Path, *arguments: str, **more: str) -> str:
    """The same, waited for; what it said."""
    process = started(directory, *arguments, **more)
    said, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, said
    return said
