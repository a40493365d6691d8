"""Making a backup while Keywork is in use: what one moment's database says, and every file that it names."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db.models import FileField
from pghistory.models import Event
from psycopg import IsolationLevel

from keywork import clock, versions
from keywork.errors import Refused
from keywork.jobs import BACKUP, job_run
from keywork.sql import connecting
from keywork.storage import DELETING

from . import archive, media, postgres

FORMAT = 1
LOCK = 0x6B657977  # "keyw": of the advisory lock


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds; `missing` are files that rows name and that were not there."""

    bytes: int
    rows: int
    files: int
    missing: list[str]


def backup(target: Path, *, passphrase: str = "", recipients: Iterable[str] = ()) -> Made:
    """Write a backup of this installation to `target`, which must not be there yet.

    Either `passphrase` or `recipients` (public keys of age) encrypts it. The file is there when it is whole, and only its
    owner reads it. Raises `Refused` with a sentence.
    """
    if target.exists():
        raise Refused(f"{target} is there already. Choose another name.")
    part = target.with_name(f"{target.name}.part")
    with sentences(f"The backup {target} was not made"), job_run(BACKUP, clock.today()) as result:
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                os.fchmod(file.fileno(), 0o600)  # one that was left may have been open
                about: dict[str, Any] = {}
                archive.write(file, _archive(about), passphrase=passphrase, recipients=recipients)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell() if passphrase == "" else os.fstat(file.fileno()).st_size
            part.replace(target)
        finally:
            with suppress(FileNotFoundError):
                part.unlink()
        made = Made(size, sum(about["tables"].values()), len(about["files"]), about["missing"])
        result |= {"file": target.name, "bytes": made.bytes, "rows": made.rows, "files": made.files}
        result |= {"missing": len(made.missing)}
    return made


@contextmanager
def sentences(otherwise: str) -> Iterator[None]:
    """`Refused` for a file or a database that fails: `otherwise` says what was not done."""
    try:
        yield
    except OSError as problem:
        raise Refused(f"{otherwise}: {problem.strerror or problem}.") from problem
    except psycopg.OperationalError as problem:
        raise Refused(f"The database does not answer: {str(problem).splitlines()[0]}") from problem


@contextmanager
def alone(server: psycopg.Connection[Any]) -> Iterator[None]:
    """Only one backup or restore at a time, for as long as this connection lasts."""
    row = server.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
    if not row or not row[0]:
        raise Refused("Another backup or restore is going on. Try again when it has ended.")
    yield


def _archive(about: dict[str, Any]) -> Iterator[bytes]:
    """The archive piece by piece; `about` becomes its manifest."""
    given = connecting()
    with psycopg.connect(**given, autocommit=True) as server, alone(server), media.held() as files:
        using = postgres.programs(server.info.server_version // 10000, "Making a backup")
        server.execute("SET idle_in_transaction_session_timeout = 0")
        server.execute("SET lock_timeout = '60s'")
        # Whoever deletes a file waits (keywork.storage), so every file that the snapshot names is linked.
        server.execute("SELECT pg_advisory_lock(%s)", [DELETING])
        server.isolation_level, server.read_only = IsolationLevel.REPEATABLE_READ, True
        server.autocommit = False
        exported = server.execute("SELECT pg_export_snapshot()").fetchone()
        assert exported is not None
        snapshot = exported[0]
        files.hold()
        server.execute("SELECT pg_advisory_unlock(%s)", [DELETING])
        about |= {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "version": versions.version(),
            "migrations": server.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2").fetchall(),
            "server": server.info.server_version,
            "pg_dump": using.major,
        }
        yield from _json("about.json", about)
        yield from _json("secrets.json", {"secret_key": settings.SECRET_KEY})
        about["tables"] = postgres.counts(server)
        named = postgres.names_of_files(server, _columns())
        digest, size = hashlib.sha256(), 0
        for number, part in enumerate(postgres.dump(using, given, snapshot), start=1):
            digest.update(part)
            size += len(part)
            yield from archive.member(f"database/{number:06}", len(part), [part])
        about["database"] = {"bytes": size, "sha256": digest.hexdigest()}
        server.rollback()
        about["files"] = {}
        for name in files.names():
            digest = hashlib.sha256()
            with suppress(FileNotFoundError), files.opened(name) as (size, chunks):
                yield from archive.member(f"media/{name}", size, _hashed(chunks, digest))
                about["files"][name] = {"bytes": size, "sha256": digest.hexdigest()}
        about["missing"] = sorted(named - about["files"].keys())
        yield from _json("manifest.json", about)
        yield archive.end()


def _hashed(chunks: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _json(name: str, content: dict[str, Any]) -> Iterator[bytes]:
    text = json.dumps(content, indent=1).encode()
    return archive.member(name, len(text), [text])


def _columns() -> Iterator[tuple[str, str]]:
    """Every column that names a file; history names those that are gone, too."""
    for model in apps.get_models():
        if not issubclass(model, Event) and model._meta.managed and not model._meta.proxy:
            for field in model._meta.local_fields:
                if isinstance(field, FileField) and field.column:
                    yield model._meta.db_table, field.column
