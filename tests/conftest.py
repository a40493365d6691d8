"""Fixtures for every test: the clock stands still, passwords hash fast, the world is built on demand."""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import sys
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings as django_settings
from django.contrib import auth
from django.db import connection
from django.template import Context, RequestContext, Template
from django.test import Client
from django.test.signals import template_rendered
from django.urls import ResolverMatch, URLResolver
from hypothesis import settings as properties

from keywork import clock, middleware
from keywork.sessions import SessionStore

from . import template
from . import world as cast
from .access import records
from .reading import as_read

# Properties may be slow on a busy machine; that is no fault of the rules. A change is judged by the same examples each
# time; `--hypothesis-profile search` looks for new ones.
properties.register_profile("keywork", deadline=None, max_examples=50, derandomize=True)
properties.register_profile("search", deadline=None, max_examples=1000)
properties.load_profile("keywork")


WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# Images of containers often set this, and every worker and every process that a test starts would compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure(config: pytest.Config) -> None:
    """Set before anything reads the settings."""
    # A cache of its own for each worker: one clearing it must not sign out the other's people.
    cache = django_settings.CACHES["default"]
    cache["OPTIONS"] = {"socket_timeout": 30}  # the machine is busy
    cache["LOCATION"] = re.sub(r"(?:/\d+|\?db=\d+)?$", f"?db={WORKER + 1}", cache["LOCATION"], count=1)
    # Every new client would look through all static files, and the live server serves them without this.
    django_settings.WHITENOISE_USE_FINDERS = False
    django_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    django_settings.PASSWORD_HASHERS = cast.QUICK_HASHERS
    django_settings.REQUIRE_MFA = False  # tests/signin turns it on
    django_settings.CRISPY_FAIL_SILENTLY = False  # a form that lays out a field it has not is found


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """In a whole run each worker begins to read the tests at another place, and finds those that others have compiled."""
    workers, root = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), Path(__file__).parent
    if workers == 1 or [Path(arg).resolve() for arg in session.config.args] != [root]:
        return
    files = [path.relative_to(root.parent) for path in sorted(root.rglob("test_*.py"))]
    first = WORKER * len(files) // workers
    for path in files[first:] + files[:first]:
        with suppress(Exception):  # collecting tells of it
            importlib.import_module(".".join(path.with_suffix("").parts))


def pytest_collection_finish() -> None:
    """What is there by now stays: collecting rubbish need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _draw(template: Template, context: Context) -> str:
    """As Django's own in tests, where `response.context` is of the page alone and not of each piece it includes."""
    if context.template is template and isinstance(context, RequestContext):
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages(django_test_environment):
    """To copy everything that a page knows for each of its fields and icons takes its time."""
    with patch.object(Template, "_render", _draw):
        yield


def _parts_as_read(told: Any) -> Any:
    """Of what a page asked for by itself: the pieces of pages in it."""
    if isinstance(told, dict):
        return {name: _parts_as_read(one) for name, one in told.items()}
    return as_read(told) if isinstance(told, str) and "<" in told else told


@pytest.fixture(scope="session", autouse=True)
def _pages_as_read():
    """What is asked for, and what must not be there, is found however the lines of a template are broken."""
    request = Client.request

    def read(client: Client, **asked):
        response = request(client, **asked)
        if response.streaming or "Content-Encoding" in response:
            return response
        if response.get("Content-Type", "").startswith("text/html"):
            response.content = as_read(response.content.decode()).encode()
        elif response.get("Content-Type") == "application/json" and b"<" in response.content:
            response.content = json.dumps(_parts_as_read(json.loads(response.content))).encode()
        return response

    with patch.object(Client, "request", read):
        yield


@pytest.fixture(scope="session", autouse=True)
def _addresses_found_once():
    """Which view answers an address is looked for among hundreds of routes; the same few are asked for again and again."""
    found = cache(URLResolver.resolve)

    def resolve(resolver: URLResolver, path: str) -> ResolverMatch:
        kept, match = found(resolver, path), ResolverMatch.__new__(ResolverMatch)
        match.__dict__ |= kept.__dict__ | {"kwargs": dict(kept.kwargs)}
        return match

    with patch.object(URLResolver, "resolve", resolve):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Each worker copies its database from one that is migrated already, and may sweep it (keywork.final.emptying)."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template.ready()
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"{options.get('options', '')} -c keywork.emptying=on".strip()


@pytest.fixture(autouse=True)
def _fresh_cache():
    """Rate limits and drafts of one test never reach the next."""
    from django.core.cache import cache as redis

    yield
    redis.clear()


@pytest.fixture
def today():
    """Noon on Monday 23 November 2026."""
    with clock.frozen(cast.TODAY):
        yield cast.TODAY


@pytest.fixture
def world(db, today):
    return cast.KEPT.again()


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    """Where the files of the records are."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture
def world_with_records(db, today, settings, media):
    """Mina, Otto and one of each record of theirs."""
    settings.MEDIA_ROOT = media
    return records.KEPT.again()


@pytest.fixture(scope="session")
def laid_out_once():
    """`reports.rendering.laid_out`: the same page is the same document, so each is laid out once."""
    from reports import rendering

    return cache(rendering.laid_out)


@pytest.fixture(scope="session")
def pdf_once(laid_out_once):
    """`reports.rendering.pdf`, drawing each page once."""
    from reports import rendering

    return cache(lambda html: rendering.written(laid_out_once(html)))


@pytest.fixture
def eager():
    """What is queued is done at once, in the test itself; the worker's own running is proved elsewhere."""
    from keywork.celery import app

    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield
    app.conf.update(task_always_eager=False, task_eager_propagates=False)


@pytest.fixture
def mails(eager, mailoutbox, django_capture_on_commit_callbacks):
    """`with mails() as box:` the messages sent by what was committed inside."""

    @contextmanager
    def sent():
        before, box = len(mailoutbox), []
        with django_capture_on_commit_callbacks(execute=True):
            yield box
        box += mailoutbox[before:]

    return sent


@pytest.fixture
def as_user():
    """A signed-in client: `as_user(world.u_keyworker).get(...)`.

    The session is written as signing in leaves it, once: Django's `force_login` writes it three times.
    """

    def sign_in(user) -> Client:
        client = Client()
        session = SessionStore()
        session.update(
            {
                auth.SESSION_KEY: str(user.pk),
                auth.BACKEND_SESSION_KEY: django_settings.AUTHENTICATION_BACKENDS[0],
                auth.HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
        )
        middleware.stamp_session(SimpleNamespace(session=session))
        session.create()
        client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
        return client

    return sign_in
