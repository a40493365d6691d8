"""Which Keywork this is, and whether it is older than the database it was given."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Name = tuple[str, str]  # the app and the name of a migration

# Commands that neither read nor change the database.
WITHOUT_DATABASE = {
    "",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemigrations",
    "makemessages",
    "startapp",
    "test",
    "testserver",
    "version",
}


@cache
def version() -> str:
    """ "0.1.0 (0d58b3e)"; without the commit where the checkout is not a Git one."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    git = ["git", "-C", str(settings.BASE_DIR), "rev-parse", "--short", "HEAD"]
    try:
        commit = subprocess.run(git, capture_output=True, text=True, check=True, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        commit = ""
    return f"{project['version']} ({commit})" if commit else project["version"]


def applied() -> list[Name]:
    """The migrations that the database has had."""
    return sorted(MigrationRecorder(connection).applied_migrations())


def unknown(migrations: Iterable[Name]) -> list[Name]:
    """Those that this code does not have: it is older than what they were made with."""
    return sorted(set(migrations) - known())


def pending(migrations: Iterable[Name]) -> list[Name]:
    """Those of this code that a database which has had `migrations` lacks."""
    return sorted(set(MigrationLoader(None).disk_migrations) - set(migrations))


def known() -> set[Name]:
    """The migrations of this code, and those that it put together."""
    loader = MigrationLoader(None)
    put_together = {one for squashed in loader.replacements.values() for one in squashed.replaces}
    return set(loader.disk_migrations) | put_together


def newer_database() -> str:
    """The sentence for an older code on a newer database; empty when all is well or the database does not answer."""
    try:
        found = unknown(applied())
    except DatabaseError:
        return ""
    finally:
        connection.close()
    if not found:
        return ""
    app, name = found[-1]
    return (
        f"Keywork does not start: the database was made by a newer Keywork (it has had {app} {name}, which this one, "
        f"{version()}, does not know). Update Keywork, or restore the backup that was made before the update."
    )
