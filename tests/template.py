"""A database in which every migration has run, made once and copied by each worker of each run.

To migrate costs some fifteen seconds, to copy a fraction of one. The name tells of the migrations, so a changed
one is never taken for the old. It holds no rows: those that come with the models (permissions, the forms that are
shipped) are written into each copy, as the code of the day has them.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection
from psycopg.errors import ObjectInUse
from psycopg.sql import SQL, Identifier

PREFIX = "test_template_"
UNFINISHED = PREFIX + "unfinished"


def url_of(name: str) -> str:
    """A database of the server in use as a URL, embedded (a socket directory) or on any server."""
    made = connection.settings_dict
    host = made["OPTIONS"].get("host") or made["HOST"]
    login = quote(made["USER"]) + (f":{quote(made['PASSWORD'])}" if made["PASSWORD"] else "")
    if host.startswith("/"):
        return f"postgres://{login}@/{name}?host={quote(host, safe='')}"
    return f"postgres://{login}@{host}:{made['PORT'] or 5432}/{name}"


def ready() -> str:
    """The name of the migrated database, made now unless it is there; whoever comes meanwhile waits."""
    name = PREFIX + _fingerprint()
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        found = {row[0] for row in server.execute("SELECT datname FROM pg_database")}
        if name not in found:
            for old in (one for one in found if one.startswith(PREFIX)):
                with suppress(ObjectInUse):
                    server.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(UNFINISHED)))
            _migrate(UNFINISHED)
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(*map(Identifier, (UNFINISHED, name))))
    return name


def _migrate(name: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url_of(name), "REDIS_URL": settings.REDIS_URL},
        check=True,
    )
    with psycopg.connect(url_of(name)) as made:
        tables = made.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename != 'django_migrations'"
        ).fetchall()
        made.execute(
            SQL("TRUNCATE {} RESTART IDENTITY").format(
                SQL(", ").join(Identifier(table) for [table] in tables)
            )
        )


def _fingerprint() -> str:
    """Of every migration, of the packages that turn them into SQL, and of how it is done here."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for package in ("Django", "django-pghistory", "django-pgtrigger"):
        digest.update(f"{package} {metadata.version(package)}\n".encode())
    for app in apps.get_app_configs():
        for file in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
