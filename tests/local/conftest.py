"""Processes that hold a data directory of their own, as commands of an installation do."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keywork.local import REPOSITORY

HOLDER = """
import sys
from keywork import local
import psycopg, redis
url = local.database_url()
with psycopg.connect(url, autocommit=True) as server:
    server.execute("create table if not exists visit (at timestamptz default now())")
    server.execute("insert into visit default values")
    visits = server.execute("select count(*) from visit").fetchone()[0]
postmaster = (local.data_dir() / "postgres" / "postmaster.pid").read_text().split()[0]
store = redis.from_url(local.redis_url())
store.incr("visits")
print(postmaster, store.info("server")["process_id"], visits, int(store.get("visits")), flush=True)
sys.stdin.read()
"""


class Holder:
    """A running command; it has said which servers it found and ends when told to."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            cwd=REPOSITORY,
            env=environment(directory),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self.process.stdout.readline().split()
        assert said, "the command ended without an answer"
        self.postmaster, self.redis, self.visits, self.redis_visits = map(int, said)

    def end(self) -> None:
        self.process.communicate(timeout=120)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=120)


def environment(directory: Path, **more: str) -> dict[str, str]:
    """The environment of a command of an installation: not that of a test."""
    left_out = {"PYTEST_VERSION", "DATABASE_URL", "REDIS_URL"}
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return inherited | {"KEYWORK_DATA_DIR": str(directory)} | more


def processes_in(directory: Path) -> list[int]:
    """Ids of the living processes that work for a data directory (Linux)."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it may end meanwhile; a zombie's is empty
            if str(directory) in command.read_text(errors="replace"):
                found.append(int(command.parent.name))
    return found


def keeper_of(directory: Path) -> int:
    """The process that stops the servers of a data directory after the last command."""
    (found,) = [
        process
        for process in processes_in(directory)
        if "keywork.local.keeper" in Path(f"/proc/{process}/cmdline").read_text()
    ]
    return found


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory, its servers made on first use and stopped between tests."""
    return tmp_path_factory.mktemp("kw")


@pytest.fixture
def holder(installation: Path) -> Iterator[type]:
    """`holder()` starts a command in the installation; whatever is left of it is ended."""
    started: list[Holder] = []

    def start() -> Holder:
        started.append(Holder(installation))
        return started[-1]

    yield start  # type: ignore[misc]
    for one in started:
        if one.process.poll() is None:
            one.kill()
