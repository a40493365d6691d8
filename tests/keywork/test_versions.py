"""Older code on a newer database does not start, and says why: commands, web, worker and beat."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from celery.signals import beat_init, celeryd_init
from psycopg.sql import SQL, Identifier

from keywork import versions
from keywork.backup import postgres
from keywork.local import REPOSITORY
from tests import template

SENTENCE = "the database was made by a newer Keywork (it has had students 9999_from_the_future"


@pytest.fixture
def newer():
    """The URL of a database that has had a migration which this code does not have."""
    name = f"newer_{os.getpid()}"
    with psycopg.connect(template.url_of("postgres"), autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        with psycopg.connect(template.url_of(name)) as made:
            made.execute("CREATE TABLE django_migrations (app text, name text)")
            made.execute("INSERT INTO django_migrations VALUES ('students', '9999_from_the_future')")
        yield template.url_of(name)
        postgres.drop(server, name)


def test_commands_and_web_refuse_a_newer_database(newer, settings):
    commands = [
        [sys.executable, "manage.py", "migrate"],
        [sys.executable, "-m", "gunicorn", "keywork.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"],
    ]
    environment = {**os.environ, "DATABASE_URL": newer, "REDIS_URL": settings.REDIS_URL}
    started = [
        subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    for process in started:
        _, said = process.communicate(timeout=300)
        assert process.returncode, process.args
        assert SENTENCE in said and "Traceback" not in said, said


@pytest.mark.parametrize("signal", [celeryd_init, beat_init], ids=["worker", "beat"])
def test_worker_and_beat_refuse_a_newer_database(signal, newer, monkeypatch):
    monkeypatch.setattr(
        versions, "connecting", lambda: {"conninfo": newer.replace("postgres:", "postgresql:")}
    )
    with pytest.raises(SystemExit, match="newer Keywork"):
        signal.send(sender=None)
