"""Every URL × everybody × mine and other × GET and POST: the answer is the one written in expectations.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from keywork.access import Can, forget_relations
from keywork.checks import ALLAUTH_PREFIXES, every_route_has_a_permission, routes
from keywork.scoped import ScopedQuerySet
from tests import world as cast

from . import stage
from .expectations import ASKED_ANYWAY, EXEMPT_PREFIXES, LEADS_ON, PUBLIC, PUBLIC_ARGS, TABLE, Row
from .stage import ask, send, without_tokens, written

pytestmark = pytest.mark.django_db  # also what makes pytest-django build the test database

ROUTES = sorted({name for name, _ in routes() if not name.startswith(EXEMPT_PREFIXES)})
DOORS = {
    "staff": stage.STAFF,
    "family": stage.FAMILY,
    "student": stage.STUDENTS,
    "anyone": stage.STAFF | stage.FAMILY | stage.STUDENTS,
    "role": frozenset(),
}
CHOOSERS = frozenset({"keyworker", "teacher", "head", "dsl", "admin", "parent"})
SECRETS = (
    (cast.OTHER_SURNAME.encode(), stage.MAY_KNOW_OTTO, "Otto"),
    (b"Harcastle", stage.MAY_KNOW_MINA, "Mina"),
)


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


def test_every_route_has_a_row():
    assert set(ROUTES) == set(TABLE) | set(PUBLIC)
    assert not set(TABLE) & set(PUBLIC)
    assert set(EXEMPT_PREFIXES) <= set(ALLAUTH_PREFIXES)


def test_every_view_declares_its_capability_or_is_public_on_purpose():
    assert every_route_has_a_permission(None) == []
    public = {
        name for name, pattern in routes() if getattr(pattern.callback, "login_required", True) is False
    }
    assert {name for name in public if not name.startswith(EXEMPT_PREFIXES)} == set(PUBLIC)


def questions(house, row: Row, name: str) -> Iterator[tuple[str, bool, str, str]]:
    """Who asks, whether for Mina, how, and where."""
    for mine, student in ((True, house.mina), (False, house.otto)):
        if not mine and row.other is None:
            continue
        url = reverse(name, kwargs=row.args(house, student))
        for actor in stage.ACTORS:
            if not mine and row.door == "role" and actor not in row.may_other | ASKED_ANYWAY:
                continue
            for method in ("get", "post"):
                if 405 not in (row.get if method == "get" else row.post) or actor in ASKED_ANYWAY:
                    yield actor, mine, method, url


def said(actor: str, mine: bool, method: str) -> str:
    return f"{method.upper()} {'mine' if mine else 'other'} as {actor}"


def too_many_choices(house, made: list[forms.BaseForm], actor: str) -> Iterator[str]:
    """Whoever gets a form finds in its choices only students, and records of students, within their reach."""
    user = house.users[actor]
    forget_relations(user)
    for form in made:
        for name, field in form.fields.items():
            choices = getattr(field, "queryset", None)
            if isinstance(choices, QuerySet) and isinstance(choices, ScopedQuerySet):
                within = choices.model.objects.visible_to(user, Can.VIEW_STUDENT)
                if not set(choices) <= set(within):
                    yield name
            elif isinstance(field, forms.ChoiceField) and actor not in stage.MAY_KNOW_OTTO:
                yield from [name] if cast.OTHER_SURNAME in str(list(field.choices)) else []


def faults(house, response, row: Row, actor: str, mine: bool, method: str) -> list[str]:
    """What is wrong with one answer."""
    fine = expected(actor, row, mine=mine, method=method)
    who = said(actor, mine, method)
    wrong = [] if response.status_code in fine else [f"{who}: {response.status_code}, not {fine}"]
    if mine and method == "get":
        wrong += [
            f"{who}: shows {words}"
            for words, readers in stage.SHEETS.items()
            if actor not in readers and words.encode() in response.content_read
        ]
        if response.status_code == 200 and actor in CHOOSERS:
            made = response.forms_made
            wrong += [f"{who}: offers too many {name}" for name in too_many_choices(house, made, actor)]
    return wrong + [
        f"{who}: shows {whom}"
        for secret, may_know, whom in SECRETS
        if actor not in may_know and secret in response.content_read
    ]


@contextmanager
def forms_made() -> Iterator[list[forms.BaseForm]]:
    """Every form that is made meanwhile, for whatever piece of a page."""
    made: list[forms.BaseForm] = []
    begin = forms.BaseForm.__init__

    def noted(form: forms.BaseForm, *given, **named) -> None:
        begin(form, *given, **named)
        made.append(form)

    with patch.object(forms.BaseForm, "__init__", noted):
        yield made


def let_in(house, actor: str, method: str, url: str):
    """The answer to somebody who may, with the forms that were made for it."""
    if method == "post":
        return ask(house, actor, method, url)
    with house.reads.kept(), forms_made() as made:
        # Not undone: what a GET writes, a row of who opened what, changes no other answer.
        response = send(house, actor, method, url)
    response.forms_made = made
    return response


@pytest.mark.parametrize("name", sorted(TABLE))
def test_matrix(house, refusals_once, name):
    row = TABLE[name]
    may = row.may_mine | row.may_other
    asked = list(questions(house, row, name))
    refused = [one for one in asked if one[0] not in may]
    wrong = []
    for actor, mine, method, url in asked:
        if actor in may:
            response = let_in(house, actor, method, url)
            wrong += faults(house, response, row, actor, mine, method)
    before = written()
    with house.reads.kept():
        for actor, mine, method, url in refused:  # nothing to undo, or it is a fault
            wrong += faults(house, send(house, actor, method, url), row, actor, mine, method)
    if written() != before:  # counting takes its time, so who it was is asked only now
        wrong.append("refused, yet something was written")
        for actor, mine, method, url in refused:
            before = written()
            ask(house, actor, method, url)
            if more := written() - before:
                wrong.append(f"{said(actor, mine, method)}: refused, yet wrote {sorted(dict(more))}")
    assert not wrong, "\n".join([name, *wrong])


@pytest.mark.parametrize(
    "name",
    sorted(
        n
        for n, row in TABLE.items()
        if row.other is not None and row.door != "role" and "keyworker" not in row.may_other
    ),
)
def test_other_child_is_no_child(house, name):
    """The 404 for somebody else's child is byte for byte the 404 for a child who does not exist."""
    row = TABLE[name]
    kwargs = row.args(house, house.otto)
    actor = {"staff": "keyworker", "anyone": "keyworker", "family": "parent", "student": "student"}[row.door]
    method = "post" if row.get == (405,) else "get"
    no_child = {key: 999_999_999 if isinstance(value, int) else value for key, value in kwargs.items()}
    theirs = ask(house, actor, method, reverse(name, kwargs=kwargs))
    nobodys = ask(house, actor, method, reverse(name, kwargs=no_child))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert without_tokens(theirs.content) == without_tokens(nobodys.content)
    assert dict(theirs.headers) == dict(nobodys.headers)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_routes_answer_anybody(house, name):
    for actor in ("anonymous", "nobody", "parent"):
        response = ask(house, actor, "get", reverse(name, kwargs=PUBLIC_ARGS.get(name)))
        expected = (404,) if name in PUBLIC_ARGS else (302,) if name in LEADS_ON else (200, 503)
        assert response.status_code in expected
        assert not any(secret in response.content for secret, *_ in SECRETS)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_htmx_changes_nothing(house, refusals_once, name):
    """A fragment asks the same door: refused people stay refused; a lost session is sent to sign in, not swapped in."""
    row = TABLE[name]
    mine = row.other is None
    url = reverse(name, kwargs=row.args(house, house.mina if mine else house.otto))
    hx = {"HX-Request": "true"}
    with house.reads.kept():
        for actor in ("former", "parent", "parent_restricted", "student", "nobody"):
            if actor not in (row.may_mine if mine else row.may_other):
                response = send(house, actor, "get", url, **hx)
                assert response.status_code in expected(actor, row, mine=mine, method="get"), (name, actor)
    lost = send(house, "anonymous", "get", url, **hx)
    assert lost.status_code == 200 and lost["HX-Redirect"].startswith("/accounts/login/")
    assert lost.content == b""
