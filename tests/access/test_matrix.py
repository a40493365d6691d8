"""Every URL × everybody × mine and other × GET and POST: the answer is the one written in expectations.py."""

from __future__ import annotations

import logging

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.urls import reverse

from keywork import clock
from keywork.checks import ALLAUTH_PREFIXES, every_route_has_a_door, routes
from tests import world as cast

from . import records, stage
from .expectations import ASKED_ANYWAY, EXEMPT_PREFIXES, PUBLIC, TABLE, Row

pytestmark = pytest.mark.django_db  # also what makes pytest-django build the test database

ROUTES = sorted({name for name, _ in routes() if not name.startswith(EXEMPT_PREFIXES)})
DOORS = {"staff": stage.STAFF, "family": stage.FAMILY, "student": stage.STUDENTS, "role": frozenset()}
SECRETS = (
    (cast.OTHER_SURNAME.encode(), stage.MAY_KNOW_OTTO, "Otto"),
    (b"Harcastle", stage.MAY_KNOW_MINA, "Mina"),
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    """Built once; every request below is undone by its own savepoint."""
    quick = override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",  # nothing to look up, nothing to write
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
    )
    with quick, django_db_blocker.unblock(), clock.frozen(cast.TODAY), transaction.atomic():
        made = cast.build()
        records.add_one_of_each(made)
        made.clients = stage.clients(made)
        logging.disable(logging.WARNING)  # thousands of refusals, each with its traceback
        yield made
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)


def refusal(actor: str, row: Row) -> int:
    if actor in stage.NOT_SIGNED_IN:
        return 302
    return 404 if row.other is not None and actor in DOORS[row.door] else 403


def expected(actor: str, row: Row, *, mine: bool, method: str) -> tuple[int, ...]:
    own_rule = row.rule_mine if mine else row.rule_other
    usual = row.get if method == "get" else row.post
    if actor in own_rule:
        return (own_rule[actor],)
    if actor in (row.may_mine if mine else row.may_other):
        return usual
    # A method that nobody may use is said to be so to anybody signed in.
    said_to_all = usual if usual == (405,) and actor not in stage.NOT_SIGNED_IN else ()
    return (refusal(actor, row), *said_to_all)


def written() -> set[tuple[str, int]]:
    """How often each table was written to so far, undone writes included: Postgres counts every attempt."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return set(cursor.fetchall())


def ask(world, actor: str, method: str, url: str, **headers):
    sid = transaction.savepoint()
    try:
        response = getattr(world.clients[actor], method)(url, headers=headers or None)
        if response.streaming:
            response.content_read = b"".join(response.streaming_content)
        else:
            response.content_read = response.content
        return response
    finally:
        transaction.savepoint_rollback(sid)


def test_every_route_has_a_row():
    assert set(ROUTES) == set(TABLE) | set(PUBLIC)
    assert not set(TABLE) & set(PUBLIC)
    assert set(EXEMPT_PREFIXES) <= set(ALLAUTH_PREFIXES)


def test_every_view_declares_its_capability_or_is_public_on_purpose():
    assert every_route_has_a_door(None) == []
    public = {name for name, pattern in routes() if getattr(pattern.callback, "login_required", True) is False}
    assert {name for name in public if not name.startswith(EXEMPT_PREFIXES)} == set(PUBLIC)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_matrix(world, name):
    row = TABLE[name]
    wrong: list[str] = []
    before = written()
    for whose, student in (("mine", world.mina), ("other", world.otto)):
        mine = whose == "mine"
        if not mine and row.other is None:
            continue
        url = reverse(name, kwargs=row.args(world, student))
        for actor in stage.ACTORS:
            for method in ("get", "post"):
                if 405 in (row.get if method == "get" else row.post) and actor not in ASKED_ANYWAY:
                    continue
                response = ask(world, actor, method, url)
                fine = expected(actor, row, mine=mine, method=method)
                said = f"{method.upper()} {whose} as {actor}"
                if response.status_code not in fine:
                    wrong.append(f"{said}: {response.status_code}, not {fine}")
                wrong += [
                    f"{said}: shows {whom}"
                    for secret, may_know, whom in SECRETS
                    if actor not in may_know and secret in response.content_read
                ]
                if response.status_code in (302, 403, 404, 405) and actor not in row.may_mine | row.may_other:
                    now = written()
                    if now != before:
                        wrong.append(f"{said}: refused, yet wrote {sorted(dict(now - before))}")
                    before = now
                else:
                    before = written()
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize("name", sorted(n for n, row in TABLE.items() if row.other is not None and row.door != "role"))
def test_other_child_is_no_child(world, name):
    """The 404 for somebody else's child is byte for byte the 404 for a child who does not exist."""
    row = TABLE[name]
    kwargs = row.args(world, world.otto)
    actor = {"staff": "keyworker", "family": "parent", "student": "student"}[row.door]
    method = "post" if row.get == (405,) else "get"
    no_child = {key: 999_999_999 if isinstance(value, int) else value for key, value in kwargs.items()}
    theirs = ask(world, actor, method, reverse(name, kwargs=kwargs))
    nobodys = ask(world, actor, method, reverse(name, kwargs=no_child))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert records.without_tokens(theirs.content) == records.without_tokens(nobodys.content)
    assert dict(theirs.headers) == dict(nobodys.headers)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_routes_answer_anybody(world, name):
    for actor in ("anonymous", "nobody", "parent"):
        response = ask(world, actor, "get", reverse(name))
        assert response.status_code in (200, 503)
        assert not any(secret in response.content for secret, *_ in SECRETS)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_htmx_changes_nothing(world, name):
    """A fragment asks the same door: refused people stay refused; a lost session is sent to sign in, not swapped in."""
    row = TABLE[name]
    mine = row.other is None
    url = reverse(name, kwargs=row.args(world, world.mina if mine else world.otto))
    hx = {"HX-Request": "true"}
    for actor in ("former", "parent", "parent_restricted", "student", "nobody"):
        if actor not in (row.may_mine if mine else row.may_other):
            response = ask(world, actor, "get", url, **hx)
            assert response.status_code in expected(actor, row, mine=mine, method="get"), (name, actor)
    lost = ask(world, "anonymous", "get", url, **hx)
    assert lost.status_code == 200 and lost["HX-Redirect"].startswith("/accounts/login/")
    assert lost.content == b""
