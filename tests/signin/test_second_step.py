"""The second step: app, recovery codes, passkeys; for all who want it, for staff when the school says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import PASSWORD

from .conftest import code_of, is_in, set_up_app, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_moment(time_machine):
    """A code is of half a minute, which may end while a test types it."""
    time_machine.move_to(datetime.now(UTC), tick=False)


def test_app_is_asked_after_the_password(world):
    secret = set_up_app(world.u_keyworker)
    client, answer = sign_in(world.u_keyworker.email)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client), "the password alone opens nothing"
    assert client.get(answer["Location"]).status_code == 200
    wrong = client.post(answer["Location"], {"code": "000000" if code_of(secret) != "000000" else "111111"})
    assert b"That code is not right" in wrong.content and not is_in(client)
    client.post(answer["Location"], {"code": code_of(secret)})
    assert is_in(client)


def test_whether_it_is_still_them_is_asked_in_our_words(world, as_user):
    set_up_app(world.u_keyworker)
    asked = as_user(world.u_keyworker).get("/accounts/2fa/reauthenticate/").text
    assert "Six digits from your app" in asked and "authenticator code" not in asked
    assert "Use my password" in asked


def test_where_one_came_from_survives_the_second_step(world):
    secret = set_up_app(world.u_keyworker)
    client, answer = sign_in(world.u_keyworker.email, next="/me/?x=1")
    done = client.post(answer["Location"], {"code": code_of(secret)})
    assert done["Location"] == "/me/?x=1"


def test_a_code_works_once(world):
    secret = set_up_app(world.u_keyworker)
    code = code_of(secret)
    for expected in (True, False):
        client, answer = sign_in(world.u_keyworker.email)
        client.post(answer["Location"], {"code": code})
        assert is_in(client) is expected


def test_recovery_code_opens_once(world):
    set_up_app(world.u_keyworker)
    code = RecoveryCodes.activate(world.u_keyworker).get_unused_codes()[0]
    for expected in (True, False):
        cache.clear()
        client, answer = sign_in(world.u_keyworker.email)
        answer = client.post(answer["Location"], {"code": code})
        assert is_in(client) is expected
    assert "you have used it before" in answer.text and "your phone" not in answer.text


def set_up_by_hand(client: Client) -> None:
    """What a person does: open the page, type the secret into the app, write the code it shows."""
    page = client.get("/accounts/2fa/totp/activate/", follow=True)
    if page.request["PATH_INFO"] == "/accounts/reauthenticate/":
        page = client.post(
            "/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/", {"password": PASSWORD}, follow=True
        )
    secret = page.context["form"].secret
    assert secret in page.content.decode()
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert done.status_code == 302, done.content.decode()


def test_anyone_may_set_up_an_app(world, mails):
    client, _ = sign_in(world.u_parent.email)
    with mails() as box:
        set_up_by_hand(client)
    assert "second step" in box[0].body
    assert Authenticator.objects.filter(user=world.u_parent, type="totp").exists()
    _, answer = sign_in(world.u_parent.email)
    assert answer["Location"].startswith("/accounts/2fa/")
    assert b"Set up" in client.get("/me/").content


def test_staff_without_one_are_led_to_it(world, require_mfa):
    client, _ = sign_in(world.u_keyworker.email)
    for path in ("/me/", "/today/", "/school/accounts/"):
        assert client.get(path)["Location"] == "/accounts/2fa/"
    assert b"Everyone who works here needs one" in client.get("/accounts/2fa/").content
    fragment = client.get("/me/", headers={"HX-Request": "true"})
    assert fragment["HX-Redirect"] == "/accounts/2fa/" and fragment.content == b""
    for open_path in ("/accounts/logout/", "/help/", "/healthz"):
        assert client.get(open_path).status_code in (200, 503)
    set_up_by_hand(client)
    assert is_in(client)


def test_recovery_codes_alone_are_no_second_step(world, require_mfa):
    RecoveryCodes.activate(world.u_keyworker)
    client, _ = sign_in(world.u_keyworker.email)
    if not is_in(client):
        code = RecoveryCodes(Authenticator.objects.get(user=world.u_keyworker)).get_unused_codes()[0]
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/me/")["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize("who", ["parent", "student"])
def test_families_and_students_need_none(world, require_mfa, who):
    client, _ = sign_in(world.users[who].email)
    assert is_in(client)


def test_off_means_nobody_is_asked(world, settings):
    settings.REQUIRE_MFA = False
    client, _ = sign_in(world.u_head.email)
    assert is_in(client)


def test_once_seen_no_request_asks_again(world, require_mfa, as_user):
    set_up_app(world.u_keyworker)
    client = as_user(world.u_keyworker)
    client.get("/help/")

    def asked(path="/search/"):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return sum("mfa_authenticator" in (query["sql"] or "") for query in caught)

    assert asked() == 1
    assert asked() == 0


def test_what_is_removed_must_be_set_up_again(world, require_mfa):
    secret = set_up_app(world.u_keyworker)
    client, answer = sign_in(world.u_keyworker.email)
    client.post(answer["Location"], {"code": code_of(secret)})
    assert is_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=world.u_keyworker, type="totp").exists()
    assert client.get("/me/")["Location"] == "/accounts/2fa/"


def test_the_session_of_one_person_says_nothing_of_another(world, require_mfa):
    secret = set_up_app(world.u_keyworker)
    client, answer = sign_in(world.u_keyworker.email)
    client.post(answer["Location"], {"code": code_of(secret)})
    client.post("/accounts/logout/")
    sign_in(world.u_deputy.email, client=client)
    assert client.get("/me/")["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "totp/activate/",
        "webauthn/",
        "webauthn/add/",
        "recovery-codes/generate/",
        "reauthenticate/",
        "recovery-codes/",
    ],
)
def test_pages_of_the_second_step_open_and_have_nothing_inline(world, path):
    secret = set_up_app(world.u_keyworker)
    RecoveryCodes.activate(world.u_keyworker)
    client, answer = sign_in(world.u_keyworker.email)
    client.post(answer["Location"], {"code": code_of(secret)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get(f"/accounts/2fa/{path}", follow=True)
    assert page.status_code == 200
    text = page.content.decode()
    assert "style=" not in text
    assert not [
        p
        for p in text.split("<script")[1:]
        if "src=" not in p.split(">")[0] and "json" not in p.split(">")[0]
    ]


def test_passkey_sign_in_offers_a_challenge(client, db):
    answer = client.get(
        "/accounts/2fa/webauthn/login/",
        headers={"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"},
    )
    assert answer.json()["request_options"]["publicKey"]["challenge"]
