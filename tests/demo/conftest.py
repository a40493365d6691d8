"""The demo school as tests read it: built once for all of them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.test import override_settings
from psycopg.errors import ObjectInUse
from psycopg.sql import SQL, Identifier

from demo.build import Built, build
from keywork import clock, duties
from students.models import Student
from tests import template

MONDAY = date(2026, 11, 23)


def state_counts(as_of: date) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for states in duties.states_for(list(Student.objects.all()), as_of).values():
        for state in states:
            found.setdefault(state.kind, Counter())[state.status] += 1
            if state.first:
                found[state.kind]["first " + state.status] += 1
    return found


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def _standing(blocker, **size: int) -> Iterator[Built]:
    """A school in a database of its own, which the worker that asks first builds for both; what a module does
    there is undone at its end."""
    as_demo = override_settings(DEMO=True)
    with as_demo, blocker.unblock(), _database(size) as made, transaction.atomic():
        yield made
        transaction.set_rollback(True)


@contextmanager
def _database(size: dict[str, int]) -> Iterator[Built]:
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    prefix = "test_demo_" + "_".join(map(str, size.values()))
    name = f"{prefix}_{run[:16]}"
    with psycopg.connect(template.url_of("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [prefix])
        found = dict(server.execute("SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"))
        if not found.get(name):
            for old in (one for one in found if one.startswith(prefix)):
                with suppress(ObjectInUse):
                    server.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
            server.execute(
                SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template.ready()))
            )
            with _connected_to(name), clock.frozen(MONDAY):
                emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
                said = json.dumps(asdict(build(**size)), default=str)
            server.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), said))
            found[name] = said
    with _connected_to(name):
        yield Built(**json.loads(found[name]))


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    _connect(name)
    try:
        yield
    finally:
        _connect(before)


def _connect(name: str) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


@pytest.fixture(scope="module")
def _sixty(django_db_setup, django_db_blocker):
    yield from _standing(django_db_blocker, students=60, years=2)


@pytest.fixture(scope="module")
def _twelve(django_db_setup, django_db_blocker):
    yield from _standing(django_db_blocker, students=12, years=1)


@pytest.fixture
def sixty(_sixty, django_db_blocker):
    """Only to be read, as is `twelve`; a module has one of them, and none that builds its own beside it."""
    with django_db_blocker.unblock(), clock.frozen(MONDAY):
        yield _sixty


@pytest.fixture
def twelve(_twelve, django_db_blocker):
    with django_db_blocker.unblock(), clock.frozen(MONDAY):
        yield _twelve
