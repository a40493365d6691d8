"""Signing in with the school account, against a real provider on this computer."""

from __future__ import annotations

import copy
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from keywork import clock
from keywork.models import User

from .conftest import is_in, set_up_app
from .provider import CLIENT, SECRET, running

pytestmark = pytest.mark.django_db
DOOR = "/accounts/school/login/"


@pytest.fixture
def provider(settings):
    with running() as provider:
        settings.OIDC_URL, settings.OIDC_NAME = provider.url, "Aldermere account"
        known = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
        app = {"provider_id": "school", "name": "Aldermere account", "client_id": CLIENT, "secret": SECRET}
        app["settings"] = {"server_url": provider.url, "fetch_userinfo": False}
        known["openid_connect"]["APPS"] = [app]
        settings.SOCIALACCOUNT_PROVIDERS = known
        yield provider


def come_in(provider, told, next_page="", change=lambda path: path):
    """What a browser does: to the provider, which knows who it is, and back."""
    provider.person, client = told, Client()
    away = client.get(DOOR, {"next": next_page} if next_page else {})["Location"]
    assert away.startswith(f"{provider.url}/authorize?"), away
    back = urlsplit(requests.get(away, allow_redirects=False, timeout=5).headers["Location"])
    return client, client.get(change(f"{back.path}?{back.query}"))


def of(email, **claims):
    return {"sub": "1", "email": email, "email_verified": True, **claims}


def test_a_student_comes_in_by_the_address_the_school_has_on_record(world, provider):
    assert 'href="/accounts/school/login/"' in Client().get("/accounts/login/").text
    world.mina.email = "Mina@students.example"
    world.mina.save(update_fields=["email"])
    client, answer = come_in(provider, of("mina@STUDENTS.example"), "/my-page/")
    assert answer["Location"] == "/my-page/" and "Hello Min" in client.get("/my-page/").text
    assert not SocialAccount.objects.exists(), "only the address says whose it is, each time anew"
    world.mina.email = ""
    world.mina.save(update_fields=["email"])
    assert not is_in(come_in(provider, of("mina@students.example"))[0])


def test_staff_still_need_their_second_step(world, provider, require_mfa):
    client, _ = come_in(provider, of(world.u_keyworker.email))
    assert client.get("/me/")["Location"] == "/accounts/2fa/"
    set_up_app(world.u_keyworker)
    client, answer = come_in(provider, of(world.u_keyworker.email))
    assert answer["Location"].startswith("/accounts/2fa/authenticate/") and not is_in(client)


def test_nobody_else_comes_in(world, provider):
    """A stranger, an address nobody has verified, a parent, a forged signature, a token for others: the same words."""
    before, known = User.objects.count(), world.u_student.email
    no = [
        of("stranger@elsewhere.example"),
        of(known, email_verified=False),
        {"sub": "1", "email": known},
        {"sub": "1", "email_verified": True},
        of(world.u_parent.email),
    ]
    for told in no:
        client, answer = come_in(provider, told)
        assert answer["Location"] == "/accounts/login/" and not is_in(client), told
        assert "Keywork knows nobody by this account." in client.get("/accounts/login/").text
    User.objects.filter(pk=world.u_student.pk).update(is_active=False, deactivated_at=clock.now())
    client, answer = come_in(provider, of(known))
    assert answer["Location"] == "/accounts/inactive/" and not is_in(client)
    User.objects.filter(pk=world.u_student.pk).update(is_active=True)
    assert is_in(come_in(provider, of(known))[0])
    assert User.objects.count() == before and not SocialAccount.objects.exists()


@pytest.mark.parametrize("fault", ["forged", "audience", "state", "code", "cancelled"])
def test_what_comes_back_is_checked(world, provider, fault):
    change = {
        "state": lambda path: path.replace("state=", "state=x"),
        "code": lambda path: path.replace("code=", "code=x"),
        "cancelled": lambda path: path.replace("code=", "error=access_denied&was="),
    }.get(fault, lambda path: path)
    provider.forged = fault == "forged"
    provider.audience = "somebody-else" if fault == "audience" else CLIENT
    client, answer = come_in(provider, of(world.u_student.email), change=change)
    assert answer["Location"] == "/accounts/login/" and not is_in(client)
    assert "That did not work." in client.get("/accounts/login/").text


def test_without_a_provider_there_is_no_such_door(world):
    client = Client()
    assert "/accounts/school/" not in client.get("/accounts/login/").text
    assert client.get(DOOR).status_code == 404 and client.get(f"{DOOR}callback/").status_code == 404
    assert client.get("/accounts/other/login/").status_code == 404
