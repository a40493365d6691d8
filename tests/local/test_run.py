"""`make run`: what the supervisor says and does around the processes of the site."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from keywork.local import REPOSITORY, run
from keywork.local.files import Lock, wait_until

from .conftest import environment, keeper_of, processes_in


def start(directory: Path, port: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "keywork.local.run", "--port", str(port)]
    return subprocess.run(
        command,
        cwd=REPOSITORY,
        env=environment(directory),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_second_run_says_where_the_first_is(tmp_path):
    (tmp_path / "run.json").write_text('{"pid": 4711, "url": "http://127.0.0.1:8123"}')
    lock = Lock.acquire(tmp_path / "run.lock")
    second = start(tmp_path, 8123)
    lock.release()
    assert second.returncode == 1
    assert "already running at http://127.0.0.1:8123 (process 4711)" in second.stdout
    assert not (tmp_path / "postgres").exists()


def test_a_taken_port_is_named_and_nothing_is_started(tmp_path, taken_port):
    refused = start(tmp_path, taken_port)
    assert refused.returncode == 1
    assert f"Port {taken_port} is taken" in refused.stdout
    assert not (tmp_path / "postgres").exists()


def test_a_file_beside_it_says_that_this_is_no_demo(tmp_path):
    (tmp_path / ".env").write_text("KEYWORK_DEMO=0\n")
    asked = (
        "import pathlib, os, keywork.local as local; from keywork.local import run; "
        f"local.REPOSITORY = pathlib.Path({str(tmp_path)!r}); local.read_environment_file(); "
        "run._set_environment('http://127.0.0.1:8000'); print(os.environ['KEYWORK_DEMO'])"
    )
    env = environment(tmp_path)
    env.pop("KEYWORK_DEMO", None)
    said = subprocess.run(
        [sys.executable, "-c", asked], env=env, cwd=REPOSITORY, capture_output=True, text=True
    )
    assert said.stdout == "0\n", said.stderr


def test_a_child_that_dies_is_named_and_started_again(capsys):
    child = run.Child("beat", "this")  # python -m this prints and ends
    child.process.wait(10)
    first = child.process.pid
    assert child.revive()
    assert child.process.pid != first
    child.process.wait(10)
    assert "Keywork's beat stopped (exit code 0); starting it again." in capsys.readouterr().out
    child.deaths = child.deaths * run.MOST_RESTARTS
    assert not child.revive()
    assert "keeps stopping (exit code 0), so everything is stopped" in capsys.readouterr().out
    child.deaths = [time.monotonic()] * run.MOST_RESTARTS
    assert child.revive(for_ever=True) and child.revive(for_ever=True)
    assert capsys.readouterr().out.count("it is tried again in 30 seconds") == 1


WATCHING = """
import sys, threading
from keywork import local
from keywork.local import redis_server, run
redis_server.HUNG = 3
local.database_url(), local.redis_url()
servers = run.Servers()
servers.start()
print("watching", flush=True)
sys.stdin.read()
servers.stop()
"""


def test_a_killed_postmaster_and_a_killed_or_hung_redis_are_started_again(tmp_path):
    watching = subprocess.Popen(
        [sys.executable, "-c", WATCHING],
        cwd=REPOSITORY,
        env=environment(tmp_path, KEYWORK_FAST_DB="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    pid_files = (tmp_path / "postgres" / "postmaster.pid", tmp_path / "redis" / "redis.pid")

    def pids() -> list[int]:
        return [int(file.read_text().split()[0]) for file in pid_files]

    def zombies() -> list[str]:
        children = Path(f"/proc/{watching.pid}/task").glob("*/children")
        stats = [Path(f"/proc/{pid}/stat").read_text() for one in children for pid in one.read_text().split()]
        return [stat for stat in stats if stat.rpartition(")")[2].split()[0] == "Z"]

    try:
        assert watching.stdout.readline() == "watching\n"
        before = pids()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        said = sorted(watching.stdout.readline() for _ in before)
        assert said == [
            "Keywork's Postgres had stopped and was started again.\n",
            "Keywork's Redis had stopped and was started again.\n",
        ]
        after = pids()
        assert not set(before) & set(after)
        os.kill(after[1], signal.SIGSTOP)
        # On a busy machine one that was slow may have been started again before: the line may be of that.
        while pids()[1] == after[1]:
            assert watching.stdout.readline() == "Keywork's Redis had stopped and was started again.\n"
        assert pids()[0] == after[0]
        os.kill(keeper_of(tmp_path), signal.SIGKILL)
        assert watching.stdout.readline() == "Keywork's keeper had stopped and was started again.\n"
        # Nothing is said of what lives.
        assert not select.select([watching.stdout], [], [], 3)[0]
        assert wait_until(lambda: not zombies(), seconds=60), zombies()
    finally:
        watching.communicate(timeout=180)
    assert processes_in(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (503, '{"ok": false, "serves": true, "wrong": {"nightly": "…"}}', True),
        (503, '{"ok": false, "serves": false, "wrong": {"database": "…"}}', False),
        (503, "upstream unavailable", False),
        (500, '{"serves": true}', False),
    ],
)
def test_a_site_that_serves_is_running_whatever_is_late(status, words, expected):
    assert run._serves(status, words) is expected


def test_behind_a_proxy_it_is_asked_by_the_name_it_answers_to(monkeypatch):
    """With https:// in KEYWORK_BASE_URL web knows no other name, and sends whoever comes without TLS elsewhere."""

    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["Host"], self.headers["X-Forwarded-Proto"]
            self.send_response(200 if known == ("keywork.school.example", "https") else 400)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("KEYWORK_BASE_URL", "https://keywork.school.example")
    monkeypatch.delenv("KEYWORK_ALLOWED_HOSTS", raising=False)
    with HTTPServer(("127.0.0.1", 0), Web) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        assert run._wait_for_answer(web.server_port, [])
        web.shutdown()


def test_the_sign_ins_are_those_of_the_readme():
    readme = (REPOSITORY / "README.md").read_text()
    section = readme.split("## Demo sign-ins")[1].split("##")[0]
    named = set(re.findall(r"`([a-z0-9]+)`", section))
    assert {name for name, _ in run.SIGN_INS} == named
