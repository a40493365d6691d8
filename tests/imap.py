"""A mailbox for tests (pymap) on a port of this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from imap_tools import MailBoxUnencrypted

USER, PASSWORD = "log", "calm-otter"
STARTS_WITHIN = 60  # seconds, on a busy machine


@contextmanager
def running() -> Iterator[str]:
    """The address of the mailbox, as KEYWORK_LOG_MAIL_URL has it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    user = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    server = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", *options, *user],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(port, server)
        yield f"imap://{USER}:{PASSWORD}@127.0.0.1:{port}/INBOX"
    finally:
        server.terminate()
        server.wait()


def _wait(port: int, server: subprocess.Popen) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The mailbox did not start.")


@contextmanager
def opened(url: str) -> Iterator[MailBoxUnencrypted]:
    port = int(url.rpartition(":")[2].partition("/")[0])
    with MailBoxUnencrypted("127.0.0.1", port).login(USER, PASSWORD) as box:
        yield box
