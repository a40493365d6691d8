"""Redis killed, hung, full and emptied again and again, while pages are opened and reports ordered."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import redis

from keywork.local.files import socket_directory
from keywork.local.redis_server import SOCKET

from .installation import Outcome, Site, site
from .servers import count, pids

STUDENTS, PAGES = 10, 20


def faults(directory: Path) -> Iterator[Outcome]:
    with site(directory) as keywork:
        keywork.well(600)
        keywork.set_up(STUDENTS)
        for what, hurt, mend in (
            ("killed", _signals(keywork, signal.SIGKILL), None),
            ("hung", _signals(keywork, signal.SIGSTOP), None),
            ("full", _takes(keywork, 1), _takes(keywork, 0)),
            ("emptied", lambda: _store(keywork).flushall(), None),
        ):
            yield (
                f"Redis {what} during an order, then {PAGES} pages and another order",
                _meanwhile(keywork, hurt, mend),
            )
        assert count(directory, b"redis-server") == 1


def _meanwhile(keywork: Site, hurt: Callable[[], object], mend: Callable[[], object] | None) -> str:
    before = keywork.order()
    while not keywork.rows(f"SELECT 1 FROM reports_report WHERE batch_id = {before}"):
        time.sleep(0.1)
    slowest = 0.0
    for _ in range(PAGES):
        hurt()
        began = time.monotonic()
        status, words = keywork.open("/today/")
        slowest = max(slowest, time.monotonic() - began)
        assert status == 200, (status, words[:300])
    hurt()
    order = keywork.order()
    _, words = keywork.open("/healthz")
    if mend:
        mend()
    took = keywork.made(before), keywork.made(order)
    keywork.well()
    says = "health says so, " if '"redis"' in words else ""
    return f"pages 200, slowest {slowest:.1f} s, {says}each report once, {sum(took):.0f} s later"


def _store(keywork: Site) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(socket_directory(keywork.directory / "redis", SOCKET) / SOCKET))


def _takes(keywork: Site, size: int) -> Callable[[], object]:
    return lambda: _store(keywork).config_set("maxmemory", size)


def _signals(keywork: Site, number: int) -> Callable[[], object]:
    def send() -> None:
        for pid in pids(keywork.directory, keywork.pid, "Redis"):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    return send
