"""Putting a backup into an empty installation, or, as a drill, into a database that is dropped again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.sql import SQL, Identifier

from keywork import clock, local, versions
from keywork.errors import Refused
from keywork.jobs import DRILL, job_run
from keywork.local.secret import keep_secret_key
from keywork.sql import connecting

from . import archive, media, postgres
from .make import FORMAT, alone, sentences

MOST_TOLD = 64 << 20  # bytes of a manifest

NOT_RESTORED = "The backup was not restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, or could be."""

    made_at: str
    version: str
    rows: int
    files: int
    missing: int
    own_secret_key: bool  # the installation was given another key than the backup's and keeps it
    migrated: bool


def restore(file: Path, *, passphrase: str = "", secret_key: str = "") -> Restored:
    """Put the backup into this installation, which must be empty. Raises `Refused`; then nothing has changed.

    Everything is read, checked and unpacked before anything is put in place; the database follows in one transaction.
    """
    given = connecting()
    with sentences(NOT_RESTORED), psycopg.connect(**given, autocommit=True) as server, alone(server):
        _refuse_unless_empty(server)
        _take_back()
        with media.folder("restore") as place:
            about, secrets = _unpacked(
                file, place, keep_media=True, passphrase=passphrase, secret_key=secret_key
            )
            try:
                _put(place)
                # Before the database, so that whoever finds a school here finds its key and its files as well.
                own = secrets["secret_key"] != settings.SECRET_KEY and not keep_secret_key(
                    secrets["secret_key"]
                )
                postgres.restore(place / "dump", about["pg_dump"], given, about["tables"])
            except BaseException:
                _take_back()
                keep_secret_key(settings.SECRET_KEY)
                raise
    older = bool(versions.pending((app, name) for app, name in about["migrations"]))
    if older:
        call_command("migrate", interactive=False, verbosity=0)
    return _restored(about, own_secret_key=own, migrated=older)


def drill(file: Path, *, passphrase: str = "", secret_key: str = "") -> Restored:
    """Try whether the backup can be restored: into a database of its own, which is dropped again.

    The day is kept (`keywork.jobs.DRILL`) when it can. Raises `Refused` with a sentence when it cannot.
    """
    given = connecting()
    with (
        sentences(NOT_RESTORED),
        job_run(DRILL, clock.today()) as result,
        psycopg.connect(**given, autocommit=True) as server,
        alone(server),
        media.folder("drill") as place,
    ):
        about, _ = _unpacked(file, place, keep_media=False, passphrase=passphrase, secret_key=secret_key)
        with _scratch(server, f"{given['dbname']}_drill") as scratch:
            postgres.restore(place / "dump", about["pg_dump"], scratch, about["tables"])
        result |= {"file": file.name, "made_at": about["made_at"]}
    return _restored(about)


def secrets_of(file: Path, *, passphrase: str = "", secret_key: str = "") -> dict[str, str]:
    """The secrets that a backup holds."""
    with archive.opened(file, passphrase=passphrase, secret_key=secret_key) as members:
        for member in members:
            if member.name == "secrets.json":
                return _json(member)
    raise Refused(archive.DAMAGED)


def _restored(about: dict[str, Any], *, own_secret_key: bool = False, migrated: bool = False) -> Restored:
    return Restored(
        about["made_at"],
        about["version"],
        sum(about["tables"].values()),
        len(about["files"]),
        len(about["missing"]),
        own_secret_key,
        migrated,
    )


# Whether it may be done


def _refuse_unless_empty(server: psycopg.Connection[Any]) -> None:
    """No school, nobody and no file; no other program's tables; and nobody else at work in the database."""
    if url := local.running_url():
        raise Refused(f"Keywork is running at {url}. Stop it first.")
    for one in connections.all():
        one.close()
        if isinstance(one, DatabaseWrapper):
            one.close_pool()
    tables = {row[0] for row in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    ours = {"django_migrations"} | {
        model._meta.db_table for model in apps.get_models(include_auto_created=True)
    }
    if others := sorted(tables - ours):
        raise Refused(
            f"The database holds tables of another program ({others[0]}). Give Keywork one of its own."
        )
    for label in ("keywork.School", "keywork.User", "students.Student"):
        table = apps.get_model(label)._meta.db_table
        if table in tables:
            row = server.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(Identifier(table))).fetchone()
            if row and row[0]:
                raise Refused(
                    "There is a school here already. A backup is restored only into an empty installation, "
                    "so that it takes nobody's work away (docs/operations.md, Restoring)."
                )
    interrupted = media.ours("restore").exists()
    if not interrupted and next(media.walk(default_storage), None):
        where = media.root() if media.is_directory() else "the bucket"
        raise Refused(
            f"There are files in {where}. A backup is restored only into an empty installation: "
            "move them away first."
        )
    row = server.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    if row and row[0]:
        raise Refused("Something else is connected to the database. Stop web, worker and beat first.")


# Reading and checking


def _unpacked(
    file: Path, place: Path, *, keep_media: bool, passphrase: str, secret_key: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Unpack the dump, and the media if they are wanted, into `place`; the manifest and the secrets.

    Raises `Refused` for a newer version, and unless everything is there with the right hash.
    """
    secrets: dict[str, str] = {}
    manifest: dict[str, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    database, size = hashlib.sha256(), 0
    dump = os.fdopen(os.open(place / "dump", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    with dump, archive.opened(file, passphrase=passphrase, secret_key=secret_key) as members:
        for member in members:
            kind, _, name = member.name.partition("/")
            if member.name == "about.json":
                _refuse_newer(_json(member))
            elif member.name == "secrets.json":
                secrets = _json(member)
            elif member.name == "manifest.json":
                manifest = _json(member)
            elif kind == "database":
                size += _copied(member, dump, database)
            elif kind == "media" and _is_inside(name):
                digest = hashlib.sha256()
                if keep_media:
                    path = place / "media" / name
                    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
                        copied = _copied(member, kept, digest)
                else:
                    copied = _copied(member, None, digest)
                found[name] = {"bytes": copied, "sha256": digest.hexdigest()}
            else:
                raise Refused(archive.DAMAGED)
    whole = {"bytes": size, "sha256": database.hexdigest()}
    if not manifest or not secrets or manifest["database"] != whole or manifest["files"] != found:
        raise Refused(archive.DAMAGED)
    return manifest, secrets


def _refuse_newer(about: dict[str, Any]) -> None:
    newer = about["format"] > FORMAT or versions.unknown((app, name) for app, name in about["migrations"])
    if newer:
        raise Refused(
            f"This backup was made by a newer Keywork, {about['version']}. This one is {versions.version()}: "
            "update Keywork, then restore."
        )


def _copied(member: archive.Member, target: IO[bytes] | None, digest: Any) -> int:
    size = 0
    for chunk in member.chunks():
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return size


def _json(member: archive.Member) -> Any:
    if member.size > MOST_TOLD:
        raise Refused(archive.DAMAGED)
    try:
        return json.loads(b"".join(member.chunks()))
    except ValueError as problem:
        raise Refused(archive.DAMAGED) from problem


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        bool(parts) and not name.startswith("/") and ".." not in parts and not parts[0].startswith(media.OURS)
    )


# Putting in place


def _put(place: Path) -> None:
    """Move the unpacked media to where they belong; what is moved is written down first, to be taken back."""
    unpacked = place / "media"
    if media.is_directory():
        names = sorted(path.name for path in unpacked.iterdir()) if unpacked.is_dir() else []
    else:
        names = sorted(str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file())
    (place / "moved").write_text(json.dumps(names))
    bucket: Any = default_storage  # where it is no directory
    for name in names:
        if media.is_directory():
            (unpacked / name).rename(media.root() / name)
        else:
            with (unpacked / name).open("rb") as file:
                bucket.put(name, File(file))


def _take_back() -> None:
    """Undo `_put`, also that of a restore that was killed."""
    moved = media.ours("restore") / "moved"
    with suppress(FileNotFoundError, ValueError):
        for name in json.loads(moved.read_text()):
            if not media.is_directory():
                default_storage.delete(name)
                continue
            path = media.root() / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def _scratch(server: psycopg.Connection[Any], name: str) -> Iterator[dict[str, Any]]:
    """A database for the drill: made now and dropped afterwards, or the one that an administrator made for it."""
    given = connecting(name)
    owned = server.execute(
        "SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = %s", [name]
    ).fetchone()
    may_make = server.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
    if may_make and may_make[0]:
        postgres.drop(server, name)
        server.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    elif not owned or not owned[0]:
        user = connection.settings_dict["USER"]
        raise Refused(
            "The drill needs a database of its own, which this account may not make. Let an administrator of Postgres "
            f'do it once: CREATE DATABASE "{name}" OWNER "{user}".'
        )
    try:
        yield given
    finally:
        if may_make and may_make[0]:
            postgres.drop(server, name)
        else:
            postgres.emptied(given)
