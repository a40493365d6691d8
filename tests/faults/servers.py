"""Servers and processes of `make run` killed one after the other: how long until all is well again."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.local.conftest import processes_in

from .installation import Outcome, started

TIMES = 3


def faults(directory: Path) -> Iterator[Outcome]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keywork = started(directory, "-m", "keywork.local.run", "--port", str(port), KEYWORK_DEMO="0")
    try:
        first = _well(port, 600)
        yield "started", f"answers after {first:.0f} s"
        for name in ("Postgres", "Redis", "both", "web", "worker", "beat", "keeper"):
            took = []
            for _ in range(TIMES):
                for pid in _pids(directory, keywork.pid, name):
                    os.kill(pid, signal.SIGKILL)
                took.append(_well(port, 120))
            yield (
                f"{name} killed {TIMES} times",
                "well again after " + ", ".join(f"{one:.0f} s" for one in took),
            )
        assert _count(directory, b"redis-server") == 1
    finally:
        keywork.terminate()
        keywork.communicate(timeout=120)
    assert processes_in(directory) == []
    yield "stopped", "no process is left"


def _pids(directory: Path, parent: int, name: str) -> list[int]:
    def read(path: str) -> int:
        return int((directory / path).read_text().split()[0])

    if name in ("Postgres", "Redis", "both"):
        servers = {"Postgres": "postgres/postmaster.pid", "Redis": "redis/redis.pid"}
        return [read(path) for server, path in servers.items() if name in (server, "both")]
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


def _count(directory: Path, words: bytes) -> int:
    return sum(words in command and str(directory).encode() in command for _, command, _ in _processes())


def _well(port: int, patience: float) -> float:
    """Seconds until nothing is wrong but that there is no school."""
    began = time.monotonic()
    words = "no answer"
    time.sleep(1)
    while time.monotonic() - began < patience:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                return time.monotonic() - began if answer.status == 200 else 0
        except urllib.error.HTTPError as problem:
            words = problem.read().decode()
            if set(json.loads(words)["wrong"]) <= {"school"}:
                return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"not well after {patience} seconds: {words}")
