"""What was sent after the session had ended is there again for the same person, and for nobody else."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from keywork.actions.drafts import find_drafts
from keywork.models import StaffAbsence
from tests.forms import form_of
from tests.world import PASSWORD

from .conftest import is_in, sign_in

pytestmark = pytest.mark.django_db
FORM = {"phone": "01632 960 184", "reach_note": "After two, never on Wednesdays"}


@pytest.fixture
def lost(world, later):
    """The keyworker's browser, half an hour later."""
    client, _ = sign_in(world.u_keyworker.email)
    assert is_in(client)
    later(minutes=31)
    return client


def test_sent_after_the_end_waits_and_is_saved_on_request(lost, world):
    answer = lost.post("/me/", FORM)
    assert answer["Location"] == "/accounts/login/?next=/me/unsent/"
    world.u_keyworker.refresh_from_db()
    assert world.u_keyworker.phone == ""
    _, back = sign_in(world.u_keyworker.email, client=lost, next="/me/unsent/")
    page = lost.get(back["Location"])
    assert FORM["reach_note"] in page.content.decode()
    lost.post("/me/", form_of(page.content.decode(), 'action="/me/"'))
    world.u_keyworker.refresh_from_db()
    assert (world.u_keyworker.phone, world.u_keyworker.reach_note) == (FORM["phone"], FORM["reach_note"])
    assert lost.get("/me/unsent/")["Location"] == "/", "sent once, gone"


def test_it_waits_too_when_redis_has_forgotten_the_session(lost, world):
    cache.clear()
    assert lost.post("/me/", FORM)["Location"].endswith("next=/me/unsent/")


def test_fragments_wait_as_well(lost):
    answer = lost.post(
        "/me/", FORM, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/today/"}
    )
    assert answer["HX-Redirect"] == "/accounts/login/?next=/me/unsent/"


def test_hours_later_it_is_still_there(lost, world, later):
    lost.post("/me/", FORM)
    later(hours=3)
    sign_in(world.u_keyworker.email, client=lost)
    assert FORM["reach_note"] in lost.get("/me/unsent/").content.decode()
    later(minutes=31)
    assert not is_in(lost), "the new session is as short as any"


def test_nobody_else_sees_it(lost, world):
    lost.post("/me/", FORM)
    assert FORM["reach_note"] not in lost.get("/accounts/login/?next=/me/unsent/").content.decode()
    sign_in(world.u_deputy.email, client=lost)
    assert lost.get("/me/unsent/")["Location"] == "/"
    assert not any(FORM["phone"] in str(row.get_decoded()) for row in Session.objects.all())


def test_thrown_away(lost, world):
    lost.post("/me/", FORM)
    sign_in(world.u_keyworker.email, client=lost)
    lost.post("/me/unsent/", form_of(lost.get("/me/unsent/").content.decode(), "throw-away-1"))
    assert lost.get("/me/unsent/")["Location"] == "/"


def test_two_forms_wait_and_each_is_saved_or_thrown_away(lost, world):
    lost.post("/me/", FORM)
    lost.post("/me/away/", {"away-starts_on": "2026-11-24", "away-ends_on": "2026-11-25"})
    _, back = sign_in(world.u_keyworker.email, client=lost, next="/me/unsent/")
    page = lost.get(back["Location"]).content.decode()
    assert page.count("Save it now") == page.count("Throw it away") == 2 and FORM["reach_note"] in page
    lost.post("/me/away/", form_of(page, 'action="/me/away/"'))
    assert StaffAbsence.objects.count() == 1
    assert '<a href="/me/unsent/">More of what you sent</a>' in lost.get("/me/").content.decode()
    page = lost.get("/me/unsent/").content.decode()
    assert page.count("Throw it away") == 1 and FORM["reach_note"] in page
    assert lost.post("/me/unsent/", form_of(page, "throw-away-1"))["Location"] == "/"
    assert lost.get("/me/unsent/")["Location"] == "/"


def test_the_eleventh_is_not_dropped_without_a_word(lost, world):
    for number in range(11):
        lost.post(f"/me/?{number}", {"reach_note": f"note {number} of mine"})
    assert "What you sent last is not kept" in lost.get("/accounts/login/").content.decode()
    sign_in(world.u_keyworker.email, client=lost)
    page = lost.get("/me/unsent/").content.decode()
    assert page.count("Save it now") == 10 and "note 0 of mine" in page and "note 10 of mine" not in page


def test_passwords_are_never_held(lost):
    answer = lost.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "x", "password2": "x"}
    )
    assert "unsent" not in answer["Location"]
    assert not any(PASSWORD in str(row.get_decoded()) for row in Session.objects.all())


def test_of_strangers_nothing_is_held(client, db):
    client.cookies["sessionid"] = "x" * 32
    assert "unsent" not in client.post("/me/", FORM)["Location"]


def test_a_draft_goes_where_drafts_are(lost, world):
    url = f"/drafts/{world.mina.pk}/contact-new/"
    lost.post(url, {"notes": "Folake is pleased with"})
    lost.post(url, {"notes": "Folake is pleased with the new bus"})
    assert "is kept as a draft" in lost.get("/accounts/login/").content.decode()
    (draft,) = find_drafts(by=world.u_keyworker, form="contact-new", student_id=world.mina.pk)
    assert draft.data == {"notes": ["Folake is pleased with the new bus"]}
    sign_in(world.u_keyworker.email, client=lost)
    assert lost.get("/me/unsent/")["Location"] == "/"


def test_what_was_sent_outlives_a_later_draft(lost, world):
    lost.post("/me/away/", {"away-starts_on": "2026-11-24", "away-ends_on": "2026-11-25"})
    lost.post(f"/drafts/{world.mina.pk}/contact-new/", {"notes": "Something"})
    sign_in(world.u_keyworker.email, client=lost)
    lost.post("/me/away/", form_of(lost.get("/me/unsent/").content.decode(), 'action="/me/away/"'))
    assert StaffAbsence.objects.count() == 1


def test_what_an_older_version_held_in_a_session_is_kept(world):
    """Migration 0016."""
    session = SessionStore()
    session["keywork_held"] = [
        {
            "user": str(world.u_keyworker.pk),
            "path": "/me/",
            "fields": [["reach_note", "After two"]],
            "is_draft": False,
        }
    ]
    session.save()
    then = MigrationLoader(connection).project_state(("keywork", "0016_held_in_sessions")).apps
    import_module("keywork.migrations.0016_held_in_sessions").move(then, None)
    client, _ = sign_in(world.u_keyworker.email)
    assert "After two" in client.get("/me/unsent/").content.decode()
