"""The whole cast with one of each record, there for a module; every test undoes what it did."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.template import loader
from django.test import override_settings
from django.views import defaults

from keywork import clock
from reports import rendering
from tests import world as cast

from . import records, stage


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, media, pdf_once):
    quick = override_settings(
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",  # nothing to look up, nothing to write
        MEDIA_ROOT=media,
    )
    once = patch.object(rendering, "pdf", pdf_once)
    with quick, once, django_db_blocker.unblock(), clock.frozen(cast.TODAY), transaction.atomic():
        made = records.KEPT.again()
        made.clients = stage.clients(made)
        made.strict = stage.client_of(None, enforce_csrf_checks=True)
        made.reads = stage.Reads()
        logging.disable(logging.WARNING)  # thousands of refusals, each with its traceback
        yield made
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def refusals_once():
    """The pages of a 403 and of a 404 are drawn once for each person and reason: they are asked for 20,000 times."""
    drawn = {}

    def get_template(name: str) -> Any:
        if name not in ("403.html", "404.html"):
            return loader.get_template(name)

        def render(context: dict, request) -> str:
            key = name, request.user.pk, bool(request.htmx), context["exception"]
            if key not in drawn:
                drawn[key] = loader.get_template(name).render(context, request)
            return drawn[key]

        return SimpleNamespace(render=render)

    with patch.object(defaults, "loader", SimpleNamespace(get_template=get_template)):
        yield
