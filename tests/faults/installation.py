"""An installation in a directory of its own, and commands in it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from keywork.local import REPOSITORY
from keywork.local.files import socket_directory
from keywork.local.postgres import SOCKET
from tests.local.conftest import environment, processes_in

Outcome = tuple[str, str]

PASSPHRASE = "five plain words in order"

# A school of so many students, each with a keyworker and a parent; a term to report on.
SCHOOL = """
import sys
import django; django.setup()
from tests.faults.jobs import _school
from reports.kinds import terms_to_report
from keywork import clock, school
_school(int(sys.argv[1]))
print(terms_to_report(school.load(), clock.today())[0].id)
"""
# Sessions of this person of the school, as many as are asked for.
SESSIONS = """
import json, sys
import django; django.setup()
from types import SimpleNamespace
from django.conf import settings
from django.contrib import auth
from keywork import middleware
from keywork.models import User
from keywork.sessions import SessionStore
who, keys = User.objects.get(name=sys.argv[1]), []
for _ in range(int(sys.argv[2])):
    session = SessionStore()
    session[auth.SESSION_KEY], session[auth.HASH_SESSION_KEY] = str(who.pk), who.get_session_auth_hash()
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    middleware.stamp_session(SimpleNamespace(session=session))
    session.create()
    keys.append(session.session_key)
print(json.dumps(keys))
"""


def started(directory: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """Python with these arguments, in the installation of this directory."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=environment(
            directory,
            **{
                "DJANGO_SETTINGS_MODULE": "keywork.settings",
                "KEYWORK_BACKUP_PASSPHRASE": PASSPHRASE,
                "KEYWORK_LOG_LEVEL": "ERROR",
                **more,
            },
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def done(directory: Path, *arguments: str, **more: str) -> str:
    """The same, waited for; what it said."""
    process = started(directory, *arguments, **more)
    said, _ = process.communicate(timeout=1800)
    assert process.returncode == 0, said
    return said


class Site:
    """`make run` in a directory, as its head uses it."""

    TOKEN = "a" * 32

    def __init__(self, directory: Path, port: int, pid: int, environment: Mapping[str, str]) -> None:
        self.directory, self.port, self.pid, self.environment = directory, port, pid, environment
        self.session = self.term = ""
        self.students = 0

    def set_up(self, students: int) -> None:
        said = done(self.directory, "-c", SCHOOL, str(students), **self.environment)
        self.students, self.term = students, said.splitlines()[-1]
        self.sign_in()

    def sign_in(self) -> None:
        (self.session,) = self.sessions("Head")

    def sessions(self, name: str, count: int = 1) -> list[str]:
        said = done(self.directory, "-c", SESSIONS, name, str(count), **self.environment)
        return json.loads(said.splitlines()[-1])

    def open(self, path: str, *, session: str = "", **form: str) -> tuple[int, str]:
        """The answer's number, and where it leads or what it says."""
        data = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": self.TOKEN}).encode() if form else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data)
        request.add_header("Cookie", f"sessionid={session or self.session}; csrftoken={self.TOKEN}")
        try:
            with urllib.request.build_opener(_Stay).open(request, timeout=60) as answer:
                return answer.status, answer.headers.get("Location") or answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers.get("Location") or answer.read().decode()

    def order(self) -> int:
        """Reports for everybody; the number of the order."""
        status, where = self.open("/reports/", kind="keeping-in-touch", term=self.term, who="all")
        assert status == 302, (status, where[:300])
        return int(where.rstrip("/").rpartition("/")[2])

    def made(self, order: int, patience: float = 600) -> float:
        """Seconds until an order has ended, each student having one report."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            if self.rows(f"SELECT 1 FROM reports_batch WHERE finished_at IS NOT NULL AND id = {order}"):
                break
            time.sleep(0.3)
        [found] = self.rows(
            "SELECT count(*), count(DISTINCT student_id), count(*) FILTER (WHERE pdf = '' OR failed != '')"
            f" FROM reports_report WHERE batch_id = {order}"
        )
        assert found == (self.students, self.students, 0), found
        return time.monotonic() - began

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        host = socket_directory(self.directory / "postgres", SOCKET)
        with psycopg.connect(host=str(host), user="keywork", dbname="keywork", autocommit=True) as server:
            found = server.execute(sql)
            return found.fetchall() if found.description else []

    def well(self, patience: float = 120) -> float:
        """Seconds until nothing is wrong but that there is no school."""
        began = time.monotonic()
        words = "no answer"
        time.sleep(1)
        while time.monotonic() - began < patience:
            try:
                status, words = self.open("/healthz")
                if status == 200 or set(json.loads(words)["wrong"]) <= {"school", "nightly"}:
                    return time.monotonic() - began
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.3)
        raise AssertionError(f"not well after {patience} seconds: {words}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@contextmanager
def site(directory: Path, **more: str) -> Iterator[Site]:
    """A site that runs from here on, and leaves no process behind."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done(directory, "manage.py", "migrate")
    log = (directory / "said.txt").open("w")
    more = {"KEYWORK_DEMO": "0", "KEYWORK_REQUIRE_MFA": "0"} | more
    keywork = subprocess.Popen(
        [sys.executable, "-m", "keywork.local.run", "--port", str(port)],
        cwd=REPOSITORY,
        env=environment(directory, **more),
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    made = Site(directory, port, keywork.pid, more)
    try:
        yield made
    finally:
        keywork.terminate()
        keywork.wait(120)
    assert processes_in(directory) == []
