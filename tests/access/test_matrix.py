"""Every URL × everybody × mine and other × GET and POST: the answer is the one written in expectations.py."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse

from keywork import clock
from keywork.checks import routes
from tests import world as cast

from . import records, stage
from .expectations import EXEMPT_PREFIXES, PUBLIC, TABLE, Row

ROUTES = sorted({name for name, _ in routes() if not name.startswith(EXEMPT_PREFIXES)})
DOORS = {"staff": stage.STAFF, "family": stage.FAMILY, "student": stage.STUDENTS, "role": frozenset()}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once; every request below is undone by its own savepoint."""
    with django_db_blocker.unblock(), clock.frozen(cast.TODAY), transaction.atomic():
        made = cast.build()
        records.add_one_of_each(made)
        made.clients = stage.clients(made)
        yield made
        transaction.set_rollback(True)


def refusal(actor: str, row: Row) -> int:
    if actor in stage.NOT_SIGNED_IN:
        return 302
    return 404 if row.other is not None and actor in DOORS[row.door] else 403


def counts() -> dict[str, int]:
    """Rows of everything a refused request must not touch."""
    skip = {
        "sessions.Session",
        "keywork.RecordOpening",
        "pghistory.Context",
        "pghistory.MiddlewareEvents",
        "pghistory.Events",
    }
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label not in skip
    }


def ask(world, actor: str, method: str, url: str, **headers):
    sid = transaction.savepoint()
    try:
        return getattr(world.clients[actor], method)(url, headers=headers or None)
    finally:
        transaction.savepoint_rollback(sid)


def test_every_route_has_a_row():
    assert set(ROUTES) == set(TABLE) | set(PUBLIC)
    assert not set(TABLE) & set(PUBLIC)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_matrix(world, name):
    row = TABLE[name]
    wrong: list[str] = []
    before = counts()
    for whose, student, may in (("mine", world.mina, row.may_mine), ("other", world.otto, row.may_other)):
        if whose == "other" and row.other is None:
            continue
        url = reverse(name, kwargs=row.args(world, student))
        for actor in stage.ACTORS:
            for method, fine in (("get", row.get), ("post", row.post)):
                response = ask(world, actor, method, url)
                expected = fine if actor in may else (refusal(actor, row),)
                if response.status_code not in expected:
                    wrong.append(
                        f"{method.upper()} {whose} as {actor}: {response.status_code}, not {expected}"
                    )
                leaks = (
                    response.status_code == 200
                    and actor not in row.may_other
                    and actor not in records.MAY_KNOW_OTTO
                    and not response.streaming
                    and cast.OTHER_SURNAME.encode() in response.content
                )
                if leaks:
                    wrong.append(f"{method.upper()} {whose} as {actor}: shows the other student")
    assert not wrong, "\n".join([name, *wrong])
    assert counts() == before


@pytest.mark.parametrize("name", sorted(n for n, row in TABLE.items() if row.other is not None))
def test_other_child_is_no_child(world, name):
    """The 404 for somebody else's child is byte for byte the 404 for a child who does not exist."""
    row = TABLE[name]
    kwargs = row.args(world, world.otto)
    actor = {"staff": "keyworker", "family": "parent", "student": "student", "role": None}[row.door]
    if actor is None or actor in row.may_other:
        pytest.skip("a role opens this for every student")
    theirs = ask(world, actor, "get", reverse(name, kwargs=kwargs))
    nobodys = ask(world, actor, "get", reverse(name, kwargs={key: 999_999_999 for key in kwargs}))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    strip = cast.OTHER_SURNAME.encode()
    assert strip not in theirs.content
    assert records.without_tokens(theirs.content) == records.without_tokens(nobodys.content)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_routes_answer_anybody(world, name):
    response = ask(world, "anonymous", "get", reverse(name))
    assert response.status_code in (200, 503)
    assert cast.OTHER_SURNAME.encode() not in response.content


@pytest.mark.parametrize("name", sorted(TABLE))
def test_htmx_changes_nothing(world, name):
    """A fragment asks the same door: refused people stay refused; a lost session is sent to sign in, not swapped in."""
    row = TABLE[name]
    url = reverse(name, kwargs=row.args(world, world.otto if row.other is not None else world.mina))
    may = row.may_other if row.other is not None else row.may_mine
    hx = {"HX-Request": "true"}
    for actor in ("former", "parent", "parent_restricted", "student", "nobody"):
        if actor not in may:
            assert ask(world, actor, "get", url, **hx).status_code == refusal(actor, row), (name, actor)
    lost = ask(world, "anonymous", "get", url, **hx)
    assert lost.status_code == 200 and lost["HX-Redirect"].startswith("/accounts/login/")
    assert lost.content == b""
