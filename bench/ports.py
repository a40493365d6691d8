"""A port for a server of the benchmark, and waiting until it answers."""

from __future__ import annotations

import http.client
import socket
import time


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, seconds: float = 180) -> None:
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
