"""Which Keywork this is, and whether it is older than the database it was given."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from pkgutil import iter_modules

import psycopg
from django.apps import apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from .sql import connecting

Name = tuple[str, str]  # the app and the name of a migration

# Commands that neither read nor change the database.
WITHOUT_DATABASE = (
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "makemigrations",
    "version",
)


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
    """The sentence for an older code on a newer database; empty when all is well or the database does not answer.

    By a connection of its own: whoever asks may be about to fork, and Django's pool must not be open then.
    """
    try:
        with psycopg.connect(**connecting() | {"connect_timeout": 10}) as server:
            had = server.execute("SELECT app, name FROM django_migrations").fetchall()
    except psycopg.Error:  # not there, or nothing in it yet
        return ""
    if set(had) <= _files():
        return ""
    found = unknown(had)
    if not found:
        return ""
    app, name = found[-1]
    return (
        f"Keywork does not start: the database was made by a newer Keywork (it has had {app} {name}, which this one, "
        f"{version()}, does not know). Update Keywork, or restore the backup that was made before the update."
    )


def _files() -> set[Name]:
    """`known` in a hundredth of the time, but for what was put together: nothing is imported."""
    return {
        (app.label, module.name)
        for app in apps.get_app_configs()
        for module in iter_modules([str(Path(app.path) / "migrations")])
    }
