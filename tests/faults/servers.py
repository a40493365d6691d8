"""Servers and processes of `make run` killed one after the other: how long until all is well again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from .installation import Outcome, Site, site

TIMES = 3
# What became of the times that beat keeps.
BEAT = {
    "lost": "DELETE FROM keywork_heartbeat",
    "a year ahead": "UPDATE keywork_heartbeat SET at = now() + interval '1 year'",
    "of the year 1": "UPDATE keywork_heartbeat SET at = '0001-01-01T00:00Z'",
}
# Signs of life, which are believed for some minutes: another one has to be seen after a kill.
SIGNS = {"worker": ("worker", "printer"), "beat": ("beat",)}
SWEPT = """SELECT 1 FROM keywork_heartbeat
WHERE name = 'sent outbox' AND at BETWEEN now() - interval '20 seconds' AND now() + interval '1 second'"""


def faults(directory: Path) -> Iterator[Outcome]:
    with site(directory) as keywork:
        yield "started", f"answers after {keywork.well(600):.0f} s"
        for name in ("Postgres", "Redis", "both", "web", "worker", "beat", "keeper"):
            took = []
            for _ in range(TIMES):
                for pid in pids(directory, keywork.pid, name):
                    os.kill(pid, signal.SIGKILL)
                took.append(at_work(keywork, SIGNS[name]) if name in SIGNS else keywork.well())
            yield (
                f"{name} killed {TIMES} times",
                "well again after " + ", ".join(f"{one:.0f} s" for one in took),
            )
        assert count(directory, b"redis-server") == 1
        for what, change in BEAT.items():
            for pid in pids(directory, keywork.pid, "beat"):
                os.kill(pid, signal.SIGKILL)
            keywork.rows(f"{change} WHERE name LIKE 'sent %' OR name = 'beat'")
            began = time.monotonic()
            while not keywork.rows(SWEPT):
                assert time.monotonic() - began < 150, "beat sends nothing"
                time.sleep(0.5)
            yield f"beat's times {what}", f"sent again after {time.monotonic() - began:.0f} s"
            keywork.well()
    yield "stopped", "no process is left"


def at_work(keywork: Site, names: tuple[str, ...]) -> float:
    """Seconds until each has given another sign of life."""
    began, ((now,),) = time.monotonic(), keywork.rows("SELECT clock_timestamp()")
    given = (
        f"SELECT count(*) FROM keywork_heartbeat WHERE name = ANY('{{{','.join(names)}}}') AND at > '{now}'"
    )
    while keywork.rows(given) != [(len(names),)]:
        assert time.monotonic() - began < 200, f"no sign of life of {' and '.join(names)}"
        time.sleep(0.5)
    keywork.well()
    return time.monotonic() - began


def pids(directory: Path, parent: int, name: str) -> list[int]:
    """Its processes, none while it is being started."""
    if name in ("Postgres", "Redis", "both"):
        servers = {"Postgres": "postgres/postmaster.pid", "Redis": "redis/redis.pid"}
        return [
            int(pid)
            for server, path in servers.items()
            if name in (server, "both") and (directory / path).exists()
            for pid in (directory / path).read_text().split()[:1]
        ]
    words = {"web": b"gunicorn", "worker": b"worker", "beat": b"beat", "keeper": b"keywork.local.keeper"}[
        name
    ]
    return [
        pid
        for pid, command, above in _processes()
        if words in command.split(b"\0")[4 if name != "keeper" else 0 :]
        and (str(directory).encode() in command if name == "keeper" else above == parent)
    ]


def _processes() -> Iterator[tuple[int, bytes, int]]:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            above = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
            yield int(path.name), (path / "cmdline").read_bytes(), above
        except OSError:
            continue


def count(directory: Path, words: bytes) -> int:
    return sum(words in command and str(directory).encode() in command for _, command, _ in _processes())
