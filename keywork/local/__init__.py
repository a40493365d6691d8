"""Embedded Postgres and Redis, so that Keywork runs from a bare checkout.

Settings call `database_url()` and `redis_url()` when DATABASE_URL and REDIS_URL are not set. Each call
starts its server if nobody has, and makes this process a *holder*: it keeps a shared lock on
`<data dir>/holders.lock` until it ends, in whatever way it ends. A small keeper process waits for that lock
to come free and then stops both servers. So two commands share one server, the last one out stops it, and a
killed process leaves nothing behind. See docs/operations.md.

Standard library only (but to read `.env`) and no Django import: settings and the keeper both stand on it.
"""

import atexit
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from keywork.local import keeper, postgres, redis_server
from keywork.local.files import REPOSITORY, LocalServiceError, Lock, private_directory, reap

__all__ = [
    "REPOSITORY",
    "LocalServiceError",
    "broker_url",
    "data_dir",
    "database_url",
    "leave",
    "read_environment_file",
    "reap",
    "redis_url",
    "running_url",
    "watched",
]

_held: dict[Path, Lock] = {}


def data_dir() -> Path:
    """The directory of everything this installation writes: KEYWORK_DATA_DIR, or `.local` in the checkout.

    Under pytest it is `test` inside that, so a test run can never touch a school's data.
    """
    base = Path(os.environ.get("KEYWORK_DATA_DIR") or REPOSITORY / ".local").expanduser().absolute()
    return base / "test" if "PYTEST_VERSION" in os.environ else base


def read_environment_file() -> None:
    """Put the variables of `.env` in the checkout into the environment, where they are not set already."""
    file = REPOSITORY / ".env"
    if file.exists():
        from environ import Env

        Env.read_env(file)


def fast_database() -> bool:
    """Whether the database may trade durability for speed: KEYWORK_FAST_DB=1, or any test run."""
    return os.environ.get("KEYWORK_FAST_DB") == "1" or "PYTEST_VERSION" in os.environ


def database_url() -> str:
    """Start Postgres if it is not running; return its URL, for psycopg and django-environ alike.

    Raises `LocalServiceError` with a sentence to show when it cannot be started.
    """
    with _held_directory() as directory:
        socket_dir = postgres.ensure(directory / "postgres", fast=fast_database())
    return f"postgres://keywork@/keywork?host={quote(str(socket_dir))}"


def redis_url(db: int = 0) -> str:
    """Start Redis if it is not running; return its URL as redis-py and Django's cache spell it.

    Raises `LocalServiceError` with a sentence to show when it cannot be started.
    """
    with _held_directory() as directory:
        socket = redis_server.ensure(directory / "redis")
    return f"unix://{quote(str(socket))}?db={db}"


def watched() -> dict[str, Callable[[], object]]:
    """What this installation embeds and must be kept running: its name, and how it is started again.

    Each returns True at once while its server is there.
    """
    found: dict[str, Callable[[], object]] = {}
    if not os.environ.get("DATABASE_URL"):
        found["Postgres"] = lambda: postgres.is_there(data_dir() / "postgres") or database_url()
    if not os.environ.get("REDIS_URL"):
        found["Redis"] = lambda: redis_server.watch(data_dir() / "redis") or redis_url()
    if found:  # or nobody would stop them
        found["keeper"] = _revive_keeper
    return found


def _revive_keeper() -> bool:
    if keeper.is_alive(data_dir()):
        return True
    _ensure_keeper(data_dir())
    return False


def broker_url(url: str) -> str:
    """The same Redis as Celery spells it: `unix://` becomes `redis+socket://`, anything else is unchanged."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


def running_url() -> str | None:
    """Where `make run` serves this data directory now, so that a command beside it makes links that work."""
    try:
        note = json.loads((data_dir() / "run.json").read_text())
        os.kill(note["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return str(note["url"])


def leave(directory: Path | None = None) -> None:
    """Stop being a holder; when this was the last one, wait until the servers have stopped."""
    for held in [directory] if directory else list(_held):
        lock = _held.pop(held, None)
        if lock is None:
            continue
        while lock.try_upgrade():
            _ensure_keeper(held)
            lock.release()
            if not keeper.wait_until_gone(held) or not keeper.left_behind(held):
                break
            # The keeper that was found was just being killed, and stopped nothing: another one does.
            lock = Lock.acquire(held / "holders.lock", shared=True)
        else:
            lock.release()


@contextmanager
def _held_directory() -> Iterator[Path]:
    """This process holds the data directory, its keeper lives, and nobody else starts servers meanwhile."""
    directory = data_dir()
    if directory not in _held:
        private_directory(directory)
        _held[directory] = Lock.acquire(directory / "holders.lock", shared=True)
    reap()
    start = Lock.acquire(directory / "start.lock")
    try:
        keeper.ensure(directory)
        yield directory
    finally:
        start.release()


def _ensure_keeper(directory: Path) -> None:
    start = Lock.acquire(directory / "start.lock")
    try:
        keeper.ensure(directory)
    finally:
        start.release()


def _leave_at_exit(owner: int = os.getpid()) -> None:
    if os.getpid() == owner:  # forked children share the lock and must not give it up
        leave()


atexit.register(_leave_at_exit)
