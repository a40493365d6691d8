"""A mail server on this machine, and a kind of letter to whoever is named."""

from __future__ import annotations

import pytest

from keywork.models import User
from outbox import kinds
from tests import smtp


@pytest.fixture
def server(settings):
    with smtp.running() as running:
        settings.EMAIL_BACKEND = "outbox.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_TIMEOUT = 30
        yield running


@pytest.fixture
def letters(monkeypatch):
    """The kind "test.letters": one to each of `users` that is open."""

    def to_each(users):
        for user in User.objects.filter(pk__in=users, is_active=True).order_by("pk"):
            yield kinds.Letter(user, "A letter", f"Dear {user.name}")

    monkeypatch.setitem(
        kinds.KINDS, "test.letters", kinds.JobKind("test.letters", "Letters", to_each, is_mail=True)
    )
    return "test.letters"
