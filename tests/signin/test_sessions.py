"""Sessions slide, end when idle, end after half a day, and bring people back to where they were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywork import clock
from keywork.middleware import SIGNED_OUT
from keywork.tasks import clear_sessions

from .conftest import is_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(world, later):
    client, _ = sign_in(world.u_keyworker.email)
    assert is_in(client)
    return client


def test_idle_session_ends(signed_in, later):
    later(minutes=31)
    assert not is_in(signed_in)


def test_session_in_use_goes_on(signed_in, later):
    for _ in range(12):
        later(minutes=20)
        assert is_in(signed_in)


def test_half_a_day_is_the_longest(signed_in, later):
    for _ in range(47):
        later(minutes=15)
        assert is_in(signed_in)
    later(minutes=15)
    assert not is_in(signed_in)


def writes_of(client) -> int:
    with CaptureQueriesContext(connection) as caught:
        client.get("/me/")
    return sum(
        "django_session" in sql and sql.startswith(("UPDATE", "INSERT"))
        for sql in (query["sql"] or "" for query in caught)
    )


def test_session_is_written_once_in_five_minutes(signed_in, later):
    assert writes_of(signed_in) == 0
    later(minutes=4)
    assert writes_of(signed_in) == 0
    later(minutes=2)
    assert writes_of(signed_in) == 1
    assert writes_of(signed_in) == 0


def test_browser_forgets_the_session_when_closed(signed_in):
    assert not signed_in.cookies["sessionid"]["max-age"]
    assert signed_in.cookies["sessionid"]["httponly"]


def test_one_is_told_why_and_comes_back(signed_in, world, later):
    later(minutes=31)
    lost = signed_in.get("/me/")
    assert lost["Location"] == "/accounts/login/?next=/me/"
    page = signed_in.get(lost["Location"])
    assert page.content.decode().count(SIGNED_OUT) == 1
    _, answer = sign_in(world.u_keyworker.email, client=signed_in, next="/me/")
    assert answer["Location"] == "/me/"
    assert SIGNED_OUT not in signed_in.get("/me/").content.decode()


def test_told_once_however_often_the_page_asked(signed_in, later):
    later(minutes=31)
    for _ in range(3):
        signed_in.post("/me/away/")
    assert signed_in.get("/accounts/login/?next=/me/").content.decode().count(SIGNED_OUT) == 1


def test_a_stranger_is_told_nothing(client, db):
    assert client.get("/me/").status_code == 302
    assert SIGNED_OUT not in client.get("/accounts/login/?next=/me/").content.decode()
    assert not Session.objects.exists(), "no session for someone who only knocks"


def test_who_signs_out_is_not_told_so(signed_in):
    signed_in.post("/accounts/logout/")
    assert SIGNED_OUT not in signed_in.get("/accounts/login/?next=/me/").content.decode()


def test_after_a_post_back_to_the_page_of_the_form(client, db):
    lost = client.post("/me/away/", headers={"Referer": "http://testserver/me/?tab=2#away"})
    assert lost["Location"] == "/accounts/login/?next=/me/%3Ftab%3D2"
    foreign = client.post("/me/away/", headers={"Referer": "https://elsewhere.example/me/"})
    assert foreign["Location"] == "/accounts/login/?next=/me/away/"


def test_a_fragment_leads_back_to_its_page(client, db):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/me/?a=1"}
    lost = client.get("/me/", headers=headers)
    assert lost.status_code == 200 and lost["HX-Redirect"] == "/accounts/login/?next=/me/%3Fa%3D1"


def test_old_sessions_are_swept_up_and_others_stay(world, later):
    sign_in(world.u_deputy.email)
    Session.objects.update(expire_date=clock.now() - timedelta(days=3))
    mine, _ = sign_in(world.u_keyworker.email)
    assert clear_sessions() == 1
    assert is_in(mine)
