"""A database in which every migration has run, made once and copied by each worker of each run.

To migrate costs many seconds, to copy a fraction of one. The name tells of the migrations, so a changed one is never
taken for the old; where only new ones came, the last database is migrated further. It holds no rows: those that come
with the models (permissions, the forms that are shipped) are written into each copy, as the code of the day has them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
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

from keywork.management.commands import migrate as migrate_command

PREFIX = "test_template_"
UNFINISHED = PREFIX + "unfinished"
# What a database is made of, as text: columns, indexes, constraints and triggers.
SCHEMA = """
SELECT 'column', table_name || '.' || column_name, data_type || ' ' || is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid != 0
UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
FROM pg_trigger WHERE NOT tgisinternal
"""


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
    wanted = _migrations()
    name = PREFIX + hashlib.sha256(json.dumps(wanted).encode()).hexdigest()[:16]
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        found = dict(
            server.execute(
                "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
            ).fetchall()
        )
        if name not in found:
            start = next((old for old, has in found.items() if _leads_to(old, has, wanted)), None)
            server.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(UNFINISHED)))
            server.execute(
                SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    *map(Identifier, (UNFINISHED, start or "template1"))
                )
            )
            _migrate(UNFINISHED)
            server.execute(
                SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(UNFINISHED), json.dumps(wanted))
            )
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(*map(Identifier, (UNFINISHED, name))))
            for old in (one for one in found if one.startswith(PREFIX) and one != UNFINISHED):
                with suppress(ObjectInUse):
                    server.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
    return name


def _leads_to(name: str, has: str | None, wanted: dict[str, str]) -> bool:
    """Whether every migration that has run in a database is one of those wanted, unchanged."""
    return name.startswith(PREFIX) and bool(has) and json.loads(has).items() <= wanted.items()


def migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL},
        check=True,
    )


def _migrate(name: str) -> None:
    migrate(url_of(name))
    with psycopg.connect(url_of(name)) as made:
        tables = made.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename != 'django_migrations'"
        ).fetchall()
        made.execute("SET keywork.emptying = 'on'")  # keywork.final
        made.execute(
            SQL("TRUNCATE {} RESTART IDENTITY").format(
                SQL(", ").join(Identifier(table) for [table] in tables)
            )
        )


def _migrations() -> dict[str, str]:
    """A digest of every migration, and of what turns them into SQL: our command, and the versions of packages."""
    found = {
        package: metadata.version(package) for package in ("Django", "django-pghistory", "django-pgtrigger")
    }
    found["migrate"] = hashlib.sha256(Path(migrate_command.__file__).read_bytes()).hexdigest()[:16]
    for app in apps.get_app_configs():
        for file in sorted(Path(app.path, "migrations").glob("*.py")):
            found[f"{app.label}/{file.name}"] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    return found


def schema(url: str) -> dict[tuple[str, str], str]:
    # A dump read again has its casts and brackets in other places.
    bare = re.compile(r"::(character varying|[a-z]+)(\[\])?|ARRAY|[()\[\]\s]")
    with psycopg.connect(url) as made:
        return {(kind, name): bare.sub("", text) for kind, name, text in made.execute(SCHEMA)}
