"""While the database is gone, whoever sends something reads so, with all of it before them to be sent again."""

from __future__ import annotations

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.template.loader import render_to_string

from contacts.models import HomeContact
from tests.forms import form_of

NOTE = "Folake is pleased with the climbing wall & <more>."
GONE = {
    "killed": (OperationalError, psycopg.errors.AdminShutdown),
    "starting": (OperationalError, psycopg.errors.CannotConnectNow),
    "line cut": (OperationalError, psycopg.OperationalError),
    "closed": (InterfaceError, psycopg.InterfaceError),
    "no line free": (OperationalError, psycopg.errors.TooManyConnections),
    "disk full": (OperationalError, psycopg.errors.DiskFull),
}
OURS = {
    "too slow": (OperationalError, psycopg.errors.QueryCanceled),
    "deadlock": (OperationalError, psycopg.errors.DeadlockDetected),
    "no such column": (ProgrammingError, psycopg.errors.UndefinedColumn),
}


def breaks(kinds):
    def act(*args, **kwargs):
        raise kinds[0]("broken") from kinds[1]("broken")

    return act


@pytest.fixture
def log_page(keyworker, log_url):
    keyworker.raise_request_exception = False
    return keyworker, log_url


@pytest.fixture
def keyworker(world, as_user):
    return as_user(world.u_keyworker)


@pytest.fixture
def log_url(world):
    return f"/students/{world.mina.pk}/contacts/new/"


@pytest.mark.parametrize("kinds", GONE.values(), ids=GONE)
def test_a_save_while_the_database_dies_is_sent_again_from_its_page(log_page, monkeypatch, kinds):
    keyworker, url = log_page
    form = form_of(keyworker.get(url).content.decode(), "notes") | {"reached": "spoke", "notes": NOTE}
    with monkeypatch.context() as broken:
        broken.setattr("contacts.views.entry_messages.saved", breaks(kinds))
        answer = keyworker.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 503 and "Keywork is away for a moment" in page
    assert "climbing wall &amp; &lt;more&gt;" in page and not HomeContact.objects.exists()
    for _ in range(2):
        assert keyworker.post(url, form_of(page, "Send it again")).status_code == 302
    assert HomeContact.objects.get().notes == NOTE


@pytest.mark.parametrize("kinds", OURS.values(), ids=OURS)
def test_an_error_of_ours_stays_one(log_page, monkeypatch, kinds):
    keyworker, url = log_page
    form = form_of(keyworker.get(url).content.decode(), "notes") | {"reached": "spoke", "notes": NOTE}
    monkeypatch.setattr("contacts.views.entry_messages.saved", breaks(kinds))
    answer = keyworker.post(url, form)
    assert answer.status_code == 500 and "our fault" in answer.content.decode()
    assert "climbing wall" in answer.content.decode()


@pytest.mark.parametrize(
    "place",
    [
        "keywork.sessions.SessionStore.load",
        "keywork.open_forms.SentForm.objects.create",
        "contacts.views.write.find_student",
    ],
)
def test_wherever_the_database_is_asked(log_page, monkeypatch, place):
    keyworker, url = log_page
    form = form_of(keyworker.get(url).content.decode(), "notes") | {"reached": "spoke", "notes": NOTE}
    monkeypatch.setattr(place, breaks(GONE["killed"]))
    answer = keyworker.post(url, form)
    assert answer.status_code == 503 and "climbing wall" in answer.content.decode()
    if not place.endswith(".create"):
        assert keyworker.get(url).status_code == 503


def test_what_is_sent_without_a_key_of_ours_and_passwords_are_not_shown(client, db, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("keywork.sessions.SessionStore.load", breaks(GONE["killed"]))
    client.cookies["sessionid"] = "x" * 32
    for url in ("/me/", "/accounts/login/"):
        answer = client.post(url, {"reach_note": "Words of a stranger", "password": "a secret one"})
        assert answer.status_code == 503
        assert "stranger" not in answer.content.decode() and "secret" not in answer.content.decode()


def test_neither_page_needs_anything():
    assert "our fault" in render_to_string("500.html")
    assert "Try again" in render_to_string("503.html")
