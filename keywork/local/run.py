"""`make run`: the whole of Keywork in one foreground process. `python -m keywork.local.run [--port N]`.

Web, worker and beat are children in sessions of their own, so Ctrl-C reaches this process only, which stops
them in order. Should it be killed outright, Linux asks the children to stop, and the keeper follows them.
"""

import argparse
import contextlib
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from keywork import local
from keywork.local.files import Lock, private_directory

ADDRESS = "127.0.0.1"
PATIENCE = 90  # seconds the site may take to answer for the first time
GRACE = 10  # seconds a child may take to stop
MOST_RESTARTS = 5  # of one child in a minute
PAUSE = 30  # seconds until one that dies more often, or a server that does not start, is tried again

# Of the demo school, and what each is there.
SIGN_INS = json.loads((local.REPOSITORY / "demo" / "texts" / "sign_ins.json").read_text())


_told_to_stop = False  # a flag and no exception: a second signal must not cut the stopping short


class Child:
    """One process of the site, started again when it dies, its output shown under its name."""

    def __init__(self, name: str, *arguments: str) -> None:
        self.name = name
        # Celery warns root at length; whoever runs this as root is in a container and knows.
        self.command = [sys.executable, "-W", "ignore:You're running the worker", "-m", *arguments]
        self.deaths: list[float] = []
        self.not_before = 0.0
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=local.REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=_stop_with_parent,
        )
        threading.Thread(target=self._show, args=(self.process,), daemon=True).start()

    def _show(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                say(f"{self.name:>7} | {line.rstrip()}")

    def revive(self, *, for_ever: bool = False) -> bool:
        """Start it again if it died; False when it dies too often for that to help.

        `for_ever`: Keywork has run before, so whatever is wrong may pass (a full disk): tried again after a pause.
        """
        code = self.process.poll()
        now = time.monotonic()
        if code is None or now < self.not_before:
            return True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # what a killed one left of its own
        self.deaths = [death for death in self.deaths if now - death < 60] + [now]
        if len(self.deaths) <= MOST_RESTARTS:
            say(f"Keywork's {self.name} stopped (exit code {code}); starting it again.")
            time.sleep(min(len(self.deaths) - 1, 5))
        elif for_ever:
            say(
                f"Keywork's {self.name} keeps stopping (exit code {code}); it is tried again in {PAUSE} seconds."
            )
            self.deaths, self.not_before = [], now + PAUSE
            return True
        else:
            say(f"Keywork's {self.name} keeps stopping (exit code {code}), so everything is stopped.")
            return False
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def stop(self, before: float) -> None:
        """Wait until `before` (monotonic seconds), then end whatever is left of its session."""
        try:
            self.process.wait(max(0.0, before - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"Keywork's {self.name} did not stop in time and was killed.")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Servers(threading.Thread):
    """Watches the embedded Postgres and Redis, and starts again whichever is gone."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._told_to_stop = threading.Event()

    def run(self) -> None:
        servers, wait = local.watched(), 1.0
        while not self._told_to_stop.wait(wait):
            wait = 1.0
            local.reap()
            for name, keep in servers.items():
                try:
                    if keep() is not True:
                        say(f"Keywork's {name} had stopped and was started again.")
                except (local.LocalServiceError, OSError) as problem:
                    say(f"Keywork's {name} has stopped, and is tried again in {PAUSE} seconds. {problem}")
                    wait = float(PAUSE)

    def stop(self) -> None:
        """Wait until it starts nothing more."""
        self._told_to_stop.set()
        if self.is_alive():
            self.join()


def main() -> int:
    """Run until told to stop; the exit code."""
    local.read_environment_file()
    parser = argparse.ArgumentParser(prog="make run", description="Run Keywork in the foreground.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    port = parser.parse_args().port
    url = f"http://{ADDRESS}:{port}"
    directory = local.data_dir()
    private_directory(directory)
    lock = Lock.attempt(directory / "run.lock")
    if lock is None:
        say(f"Keywork is already running{_where(directory)}. Stop it there with Ctrl-C first.")
        return 1
    if not _is_free(port):
        say(f"Port {port} is taken by another program. Choose another: PORT={port + 1000} make run")
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _note_signal)
    (directory / "run.json").write_text(json.dumps({"pid": os.getpid(), "url": url}))
    children: list[Child] = []
    servers = Servers()
    try:
        return _serve(children, servers, url, port)
    except local.LocalServiceError as problem:
        say(str(problem))
        return 1
    finally:
        say("Keywork is stopping …")
        servers.stop()
        for child in children:
            child.ask_to_stop()
        limit = time.monotonic() + GRACE
        for child in children:
            child.stop(limit)
        local.leave()
        (directory / "run.json").unlink(missing_ok=True)
        lock.release()
        say("Keywork has stopped.")


def _serve(children: list[Child], servers: Servers, url: str, port: int) -> int:
    """Start everything and watch over it; the exit code. `children` always says what was started."""
    _set_environment(url)
    # Hold both servers from here on, whatever the children do.
    for variable, start in (("DATABASE_URL", local.database_url), ("REDIS_URL", local.redis_url)):
        if not os.environ.get(variable):
            start()
    servers.start()
    children.append(Child("setup", "keywork.local.prepare"))
    while (code := children[0].process.poll()) is None:
        if _told_to_stop:
            return 0
        time.sleep(0.05)
    if code:
        say("Keywork could not be prepared; the reason is above.")
        return 1
    children.clear()
    celery, log = ("celery", "--quiet", "-A", "keywork.celery"), ("--loglevel", "WARNING")
    children.append(Child("web", "gunicorn", "keywork.wsgi", *web_options(port)))
    for name, queue in (("worker", "celery"), ("printer", "printing")):
        options = ("--concurrency", "2", "--without-gossip", "--hostname", f"{name}@%h", "--queues", queue)
        children.append(Child(name, *celery, "worker", *options, *log))
    children.append(Child("beat", *celery, "beat", "--pidfile", "", *log))
    if _wait_for_answer(port, children):
        _announce(url)
    elif not _told_to_stop:
        say(f"Keywork does not answer well at {url}/healthz, so everything is stopped.")
        return 1
    while not _told_to_stop:
        for child in children:
            child.revive(for_ever=True)
        time.sleep(0.2)
    return 0


def _set_environment(url: str) -> None:
    for name, value in {
        "DJANGO_SETTINGS_MODULE": "keywork.settings",
        "KEYWORK_DEMO": "1",
        "KEYWORK_COLLECTED": "1",
        "KEYWORK_BASE_URL": url,
        "KEYWORK_LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }.items():
        os.environ.setdefault(name, value)


def web_options(port: int) -> list[str]:
    return [
        *("--bind", f"{ADDRESS}:{port}"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
        *("--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"),
    ]


def _wait_for_answer(port: int, children: list[Child]) -> bool:
    """Ask /healthz until it says 200; an error is given another chance, as Redis or Postgres may be late."""
    limit, errors = time.monotonic() + PATIENCE, 0
    while not _told_to_stop and time.monotonic() < limit and errors < 3:
        if not all(child.revive() for child in children):
            return False
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers=_as_a_proxy())
            answer = connection.getresponse()
            words = answer.read().decode(errors="replace")
            if answer.status == 200 or _serves(answer.status, words):
                return True
            say(f"/healthz answered {answer.status}: {words[:200]}")
            errors += 1
            time.sleep(1)
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    return False


def _as_a_proxy() -> dict[str, str]:
    """With https:// in KEYWORK_BASE_URL web answers to its own name alone, and only to what came over TLS."""
    address = urlsplit(os.environ.get("KEYWORK_BASE_URL", ""))
    if address.scheme != "https":
        return {}
    host = os.environ.get("KEYWORK_ALLOWED_HOSTS", "").split(",")[0].strip() or address.hostname or ""
    return {"Host": host, "X-Forwarded-Proto": "https"}


def _serves(status: int, words: str) -> bool:
    """Whether pages are answered: that work is late after a night switched off, or no school is there, they say themselves."""
    try:
        return status == 503 and json.loads(words)["serves"] is True
    except (ValueError, KeyError, TypeError):
        return False


def _announce(url: str) -> None:
    say(f"Keywork is running at {url}")
    if os.environ["KEYWORK_DEMO"] == "1":
        say("Sign in to the demo school with the password keywork-demo as:")
        for name, who in SIGN_INS:
            say(f"  {name + '@demo.keywork.example':<34} {who}")
    say("Ctrl-C stops it.")


def _where(directory: Path) -> str:
    try:
        note = json.loads((directory / "run.json").read_text())
    except (FileNotFoundError, ValueError):
        return ""
    return f" at {note['url']} (process {note['pid']})"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def _note_signal(_number: int, _frame: FrameType | None) -> None:
    global _told_to_stop
    _told_to_stop = True


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _stop_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def say(sentence: str) -> None:
    """One line on the terminal, at once."""
    with contextlib.suppress(BrokenPipeError):  # the terminal may be gone; stopping must still go on
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
