"""Web nodes as `make run` starts them, each on a port of its own."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from keywork.local.run import web_options


@contextmanager
def web_nodes(many: int, *options: str) -> Iterator[dict[int, int]]:
    """Nodes that answer, until the block ends: to each port the number of its process."""
    web = [sys.executable, "-m", "gunicorn", "keywork.wsgi", *options]
    servers = {
        port: subprocess.Popen([*web, *web_options(port)]) for port in {_free_port() for _ in range(many)}
    }
    try:
        for port in servers:
            _wait_for(port)
        yield {port: server.pid for port, server in servers.items()}
    finally:
        for server in servers.values():
            server.terminate()
        for server in servers.values():
            server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, seconds: float = 180) -> None:
    limit = time.monotonic() + seconds
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
            connection.request("GET", "/accounts/login/")
            connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)
