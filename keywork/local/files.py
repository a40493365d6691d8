"""Locks, sockets and processes: the few things both embedded servers need from the operating system."""

import fcntl
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

REPOSITORY = Path(__file__).resolve().parents[2]

# sun_path holds 104 bytes on macOS and 108 on Linux, with its closing zero.
LONGEST_SOCKET_PATH = 103


def private_directory(path: Path) -> Path:
    """Make the directory, or shut it if it was open: nobody but its owner enters.

    Only where root runs Keywork one group may pass through (not list), that of the account Postgres runs as.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777
    shut = 0o700 | (mode & 0o010 if os.geteuid() == 0 else 0)
    if mode != shut and path.stat().st_uid == os.geteuid():
        path.chmod(shut)
    return path


def private_log(path: Path) -> BinaryIO:
    """A log, opened to be added to, that only its owner reads.

    One that others could read is emptied: it is of a time when statements were written into it.
    """
    log = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
    if os.fstat(log.fileno()).st_mode & 0o077:
        os.fchmod(log.fileno(), 0o600)
        log.truncate(0)
    return log


class LocalServiceError(RuntimeError):
    """An embedded server cannot be started; the message is a sentence for whoever typed the command."""


class Lock:
    """A lock on a file, held until `release()` or until every process that inherited it is gone."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path, *, shared: bool = False) -> "Lock":
        """Wait for the lock."""
        lock = cls(_open(path))
        fcntl.flock(lock.descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        return lock

    @classmethod
    def attempt(cls, path: Path) -> "Lock | None":
        """The exclusive lock, or None when somebody else has it."""
        lock = cls(_open(path))
        if lock.try_upgrade():
            return lock
        lock.release()
        return None

    def try_upgrade(self) -> bool:
        """Turn a shared lock into an exclusive one if nobody else holds it."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        os.close(self.descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def socket_directory(home: Path, name: str) -> Path:
    """Where a server with its files in `home` puts its socket `name`.

    `home` itself, which only its owner may enter; where that path is too long for a socket, a private
    directory of the same owner under the temporary directory.
    """
    if len(os.fsencode(home / name)) <= LONGEST_SOCKET_PATH:
        return home
    owner = home.stat().st_uid
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    directory = Path(tempfile.gettempdir()) / f"keywork-{owner}-{digest}"
    try:
        directory.mkdir(mode=0o700)
        if owner != os.geteuid():
            os.chown(directory, owner, -1)
    except FileExistsError:
        found = directory.lstat()
        if found.st_uid != owner or directory.is_symlink() or found.st_mode & 0o077:
            raise LocalServiceError(
                f"{directory} belongs to somebody else. Set KEYWORK_DATA_DIR to a shorter path."
            ) from None
    return directory


def answers(path: Path, *, say: bytes = b"", hear: bytes = b"") -> bool:
    """Whether a server listens on the socket `path` and, when asked `say`, begins its answer with `hear`.

    A socket is better evidence than a process id: ids are reused, and a dead process can keep its own.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            if say:
                client.sendall(say)
                return client.recv(len(hear)) == hear
        except OSError:
            return False
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Ask `condition` again and again; whether it came true within `seconds`."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(every)
    return True


def signal_process(pid: int, number: int) -> bool:
    """Send a signal; False when the process is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def is_running(pid: int) -> bool:
    """Whether the process lives; a zombie does not (Linux; elsewhere a zombie counts as living)."""
    try:
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
        os.kill(pid, 0)
    except OSError:
        return False
    return True


_servers: list["subprocess.Popen[bytes]"] = []


def remember(process: "subprocess.Popen[bytes]") -> None:
    """A server that this process has started; `reap` finds out that it has ended."""
    _servers.append(process)


def reap() -> None:
    """Let go of servers that have ended: until somebody asks, each stays in the table of processes as a zombie."""
    _servers[:] = [process for process in _servers if process.poll() is None]


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log file, for an error message."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
