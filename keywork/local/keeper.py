"""The keeper: waits until no process holds a data directory any more, then stops its servers.

One per data directory, about 10 MB. It holds `keeper.lock` while it lives, so there is never a second one,
and holds `holders.lock` alone while it stops the servers, so nobody joins half-way.
"""

import os
import subprocess
import sys
from pathlib import Path

from keywork.local import postgres, redis_server
from keywork.local.files import REPOSITORY, Lock, remember, wait_until


def ensure(directory: Path) -> None:
    """Start the keeper of `directory` unless it lives. Call with `start.lock` held."""
    if is_alive(directory):
        return
    # -S: it needs no installed package, and starts in half the time without them.
    process = subprocess.Popen(
        [sys.executable, "-S", "-m", "keywork.local.keeper", str(directory)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal is for the command, not for its servers
    )
    assert process.stdout
    with process.stdout as ready:
        ready.read()  # closed once it has its lock
    remember(process)


def is_alive(directory: Path) -> bool:
    """Whether a keeper lives."""
    lock = Lock.attempt(directory / "keeper.lock")
    if lock is None:
        return True
    lock.release()
    return False


def wait_until_gone(directory: Path, seconds: float = 40) -> bool:
    """Wait until the keeper has stopped the servers and gone."""
    return wait_until(lambda: not is_alive(directory), seconds=seconds)


def left_behind(directory: Path) -> bool:
    """Whether a server runs still."""
    return redis_server.is_there(directory / "redis") or postgres.is_there(directory / "postgres")


def main(directory: Path) -> None:
    """Wait for the last holder, stop what runs, go."""
    # Neither lock is given back: both end with this process, so whoever waits for them sees it gone.
    Lock.acquire(directory / "keeper.lock")
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)  # tells the starter that the lock is held
    os.close(nothing)
    Lock.acquire(directory / "holders.lock")
    redis_server.stop(directory / "redis")
    postgres.stop(directory / "postgres")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
