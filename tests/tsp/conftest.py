"""Mail is sent in the test itself; the worker's own running is proved elsewhere."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from keywork.celery import app


@pytest.fixture
def mails(mailoutbox, django_capture_on_commit_callbacks):
    """`with mails() as box:` the messages sent by what was committed inside."""

    @contextmanager
    def sent():
        before, box = len(mailoutbox), []
        with django_capture_on_commit_callbacks(execute=True):
            yield box
        box += mailoutbox[before:]

    app.conf.task_always_eager = True
    yield sent
    app.conf.task_always_eager = False
