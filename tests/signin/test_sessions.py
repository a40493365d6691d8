"""Sessions slide, end when idle, end after half a day, and bring people back to where they were."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import Mock

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from keywork import clock
from keywork.sessions import SessionStore
from keywork.tasks import clear_sessions

from .conftest import is_in, sign_in

pytestmark = pytest.mark.django_db
SIGNED_OUT = "You were signed out to keep things private."


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


def test_a_session_of_a_clock_that_was_ahead_has_ended(world, later):
    """It would go on until that day, and half a day more."""
    later(days=365)
    client, _ = sign_in(world.u_keyworker.email)
    assert is_in(client)
    later(days=-365)
    assert not is_in(client)


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


@pytest.mark.parametrize(("found", "status"), [(OperationalError("terminating connection"), 503), (0, 400)])
def test_a_database_that_is_away_is_not_taken_for_a_session_that_has_ended(
    signed_in, later, monkeypatch, found, status
):
    """The row is written every few minutes. 400 says that what was sent cannot be read; 503 that it may be sent again."""

    def update(self, **values):
        if isinstance(found, Exception):
            raise found
        return found

    signed_in.raise_request_exception = False
    later(minutes=6)
    monkeypatch.setattr(QuerySet, "update", update)
    assert signed_in.get("/me/").status_code == status


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


# ------------------------------------------------------------------ the end, said beforehand


def left_of(client, method="get", **headers) -> dict:
    accept = {"Accept": "application/json", "X-Keywork-Poll": "1"}
    return getattr(client, method)("/accounts/session/", headers={**accept, **headers}).json()


def test_every_page_says_how_long_is_left(signed_in, later):
    later(minutes=4)
    assert 'data-left="1560"' in signed_in.get("/me/").content.decode()


def test_asking_is_no_sign_of_life(signed_in, later):
    for minutes, left in ((10, 1200), (10, 600), (9, 60)):
        later(minutes=minutes)
        assert left_of(signed_in) == {"left": left, "may_stay": True}
    later(minutes=2)
    assert not is_in(signed_in)


def test_staying_signed_in_puts_the_end_off(signed_in, later):
    for _ in range(12):  # ten times at least (WCAG 2.2.1)
        later(minutes=29)
        assert left_of(signed_in, "post") == {"left": 1800, "may_stay": True}
    later(minutes=29)
    assert is_in(signed_in)


def test_the_last_end_cannot_be_put_off_and_says_so(signed_in, later):
    for _ in range(25):
        later(minutes=28)
        assert is_in(signed_in)
    later(minutes=18)
    assert left_of(signed_in, "post") == {"left": 120, "may_stay": False}


def test_without_script_the_button_leads_on(signed_in):
    assert signed_in.post("/accounts/session/", headers={"Accept": "text/html"})["Location"] == "/"


def test_who_is_out_is_sent_to_the_door(signed_in, later):
    later(minutes=31)
    assert signed_in.get("/accounts/session/").status_code == 302
    assert signed_in.post("/accounts/session/").status_code == 302


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (None, "you are back where you were"),
        ("/me/", "What you sent is kept"),
        ("/drafts/{}/contact-new/", "kept as a draft"),
    ],
)
def test_the_door_says_what_is_kept_and_nothing_else(signed_in, world, later, sent, words):
    later(minutes=31)
    if sent is None:
        signed_in.get("/me/")
    else:
        signed_in.post(sent.format(world.mina.pk), {"phone": "01632 960 184", "notes": "Half a thought"})
    door = signed_in.get("/accounts/login/?next=/me/").content.decode()
    said = [one for one in ("back where you were", "What you sent is kept", "as a draft") if one in door]
    assert len(said) == 1 and words in door


@pytest.mark.parametrize("how", ["a page", "a page by itself", "too long a form"])
def test_the_door_calls_nothing_kept_that_was_kept_before(signed_in, world, later, how):
    """A draft of another day is not what they were writing."""
    draft = f"/drafts/{world.mina.pk}/contact-new/"
    with clock.frozen(clock.now() - timedelta(days=7)):
        assert signed_in.post(draft, {"notes": "Half a thought"}).status_code == 204
    later(minutes=31)
    if how == "a page":
        signed_in.get("/me/")
    elif how == "a page by itself":
        signed_in.get("/accounts/session/", headers={"X-Keywork-Poll": "1"})
    else:
        signed_in.post("/me/", {"reach_note": "long " * 50_000})
    door = signed_in.get("/accounts/login/?next=/me/").content.decode()
    assert SIGNED_OUT in door and "as a draft" not in door and "What you sent is kept" not in door


def test_a_page_that_asked_first_does_not_hide_what_was_sent_after(signed_in, later):
    later(minutes=31)
    signed_in.get("/me/")
    signed_in.post("/me/", {"phone": "01632 960 184", "reach_note": "After two"})
    assert "What you sent is kept" in signed_in.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("how", ["idle", "signed out elsewhere"])
def test_what_a_page_saves_by_itself_never_takes_the_place_of_a_new_session(signed_in, world, later, how):
    """In another tab they may be signing in again while it is on its way."""
    was = signed_in.cookies["sessionid"].value
    later(minutes=31)
    if how != "idle":
        Session.objects.filter(pk=was).delete()
    headers = {"X-Requested-With": "XMLHttpRequest"}
    sent = signed_in.post(
        f"/drafts/{world.mina.pk}/contact-new/", {"notes": "Half a thought"}, headers=headers
    )
    asked = signed_in.get("/accounts/session/", headers={"X-Keywork-Poll": "1"})
    assert (sent.status_code, asked.status_code) == (302, 302)
    assert "sessionid" not in sent.cookies and "sessionid" not in asked.cookies
    page = signed_in.get("/accounts/login/").content.decode()
    assert SIGNED_OUT in page and ("kept as a draft" in page) == (how == "idle"), (
        "whose it was is still known"
    )
    assert sign_in(world.u_keyworker.email, client=signed_in)[1].status_code == 302 and is_in(signed_in)


def test_signing_in_while_a_page_saves_by_itself_breaks_neither(signed_in, later, monkeypatch):
    """The anonymous session that the page named goes with the sign-in."""
    later(minutes=31)
    signed_in.get("/me/")
    monkeypatch.setattr(SessionStore, "save", Mock(side_effect=UpdateError))
    answer = signed_in.post("/me/", {"phone": "1"}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 302 and "sessionid" not in answer.cookies
