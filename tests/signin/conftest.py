"""Mail is sent in the test itself; the worker's own running is proved elsewhere."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from keywork.celery import app
from tests.world import PASSWORD


@pytest.fixture(autouse=True)
def _eager_mail():
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def mails(mailoutbox, django_capture_on_commit_callbacks):
    """`with mails() as box:` the messages sent by what was committed inside."""

    @contextmanager
    def sent():
        before, box = len(mailoutbox), []
        with django_capture_on_commit_callbacks(execute=True):
            yield box
        box += mailoutbox[before:]

    return sent


@pytest.fixture
def require_mfa(settings):
    settings.REQUIRE_MFA = True


@pytest.fixture
def later(time_machine):
    """`later(minutes=31)` moves the machine's own time, by which sessions and links end."""
    time_machine.move_to(datetime.now(UTC), tick=False)
    return lambda **by: time_machine.shift(timedelta(**by))


def link_in(message) -> str:
    """The path of the one-time link in a mail."""
    return re.search(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", message.body)[1]


def sign_in(email: str, password: str = PASSWORD, client: Client | None = None, **extra):
    client = client or Client()
    return client, client.post("/accounts/login/", {"login": email, "password": password, **extra})


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def set_up_app(user) -> str:
    """An authenticator app as its second step; the secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    return secret


def code_of(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


def choose_password(client: Client, path: str, password: str = "brave-heron-counts-stars"):
    """Follow a one-time link to its form and choose a password."""
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})
