"""A school served to a real Chromium.

The server, the school and the browser are made once and swept away when the last test of this folder ends.
The rows are really committed, so each test that writes brings people of its own (`site.pair`).
The machine's time is noon of the day of the fixed cast, and goes on from there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as clock_time
from types import SimpleNamespace
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, BrowserType, Locator, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from contacts.models import HomeContact
from keywork import clock
from keywork.celery import app as celery
from keywork.local import bootstrap
from tests import world as cast
from tests.access.records import build

BROWSERS = (bootstrap.SHELL, *bootstrap.BROWSERS)
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    # Room enough that axe does not spend its time collecting rubbish, and no threads beside it for that; no page lives so
    # long that it pays to compile its scripts a second time, better. A seventh less time for a page in all.
    "--js-flags=--min-semi-space-size=16 --max-semi-space-size=64 --single-threaded-gc --no-maglev --no-opt",
)
# As Chromium has no thread to put a page together in, it lays it out, answers scripts and never draws it: a sixth less time
# for a page. No frame comes, and so nothing can be pressed there.
UNDRAWN = (*ARGUMENTS, "--disable-threaded-compositing")
PATIENCE = 30_000  # milliseconds; a page that is there is not waited for, and a busy machine is slow
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
NOON = datetime.combine(cast.TODAY, clock_time(12), tzinfo=clock.LONDON)


class Site:
    """The served school: `url`, the cast `w`, and new people for one test."""

    def __init__(self, url: str, w: SimpleNamespace) -> None:
        self.url, self.w = url, w
        self._made = 0

    def pair(self, forename: str = "Ivo", *, spoke_days_ago: int | None = 10) -> SimpleNamespace:
        """A student, their keyworker and their mother, whom nobody else writes about."""
        self._made += 1
        user = cast.make_user(f"browser_{self._made}", "staff")
        student = cast.make_student(forename, f"Brackenfell{self._made}")
        cast.assign(student, user)
        link = cast.make_family(student, "Sunniva", f"Brackenfell{self._made}")
        if spoke_days_ago is not None:
            day = cast.TODAY - timedelta(days=spoke_days_ago)
            HomeContact.objects.create(
                student=student,
                member=link.member,
                with_name="Sunniva",
                happened_on=day,
                channel="phone",
                reached="spoke",
                outcome="two_way",
                person_marked=True,
                notes="Spoke about the week.",
                made_by=user,
                logged_by=user,
                logged_at=datetime.combine(day, clock_time(15), tzinfo=clock.LONDON),
                logged_on=day,
            )
        return SimpleNamespace(user=user, student=student, link=link)


def served_once(serve: Callable = StaticFilesHandler.serve) -> Callable:
    """A file a browser has fetched it keeps, as in production; by its date alone it would ask with each page."""

    def kept(*request):
        response = serve(*request)
        response["Cache-Control"] = "max-age=315360000, immutable"
        return response

    return kept


@pytest.fixture
def _django_db_helper() -> None:
    """Instead of pytest-django's: what one test commits stays until the last one has ended.

    Each module here is marked `django_db(transaction=True)` all the same, so that there is a test database and
    these tests come after those that roll back.
    """


@pytest.fixture(scope="package")
def site(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    """The school on a port of its own."""
    own_media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    celery.conf.task_always_eager = True
    files = patch.object(StaticFilesHandler, "serve", served_once())
    with own_media, files, django_db_blocker.unblock(), time_machine.travel(NOON, tick=True):
        assert connection.settings_dict["NAME"].startswith("test_")
        server = LiveServer("127.0.0.1")
        try:
            w = build()
            # By name: a browser keeps no passkey for a bare address.
            yield Site(server.url.replace("127.0.0.1", "localhost"), w)
        finally:
            server.stop()
            call_command("flush", interactive=False, verbosity=0)
            connections.close_all()
            connection.close_pool()
            celery.conf.task_always_eager = False
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def launch(chromium: BrowserType, arguments: Sequence[str] = ARGUMENTS) -> Browser:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return chromium.launch(executable_path=found, args=arguments)


@contextmanager
def real_browser() -> Iterator[Browser]:
    wait_for_scripts()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = launch(playwright.chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Browser]:
    with real_browser() as launched:
        yield launched
        connections.close_all()  # beside Playwright's loop this thread has others than before and after it


@pytest.fixture(scope="package")
def undrawn_browser(browser: Browser) -> Iterator[Browser]:
    launched = launch(browser.browser_type, UNDRAWN)
    yield launched
    launched.close()


# What a hand does on a page; the eyes have found it by then.
BY_HAND = (
    "check",
    "click",
    "drag_to",
    "fill",
    "focus",
    "press",
    "press_sequentially",
    "select_option",
    "tap",
    "uncheck",
)


def wait_for_scripts() -> None:
    """Playwright goes on as soon as the next page has begun; a script that answers keys may not be there yet."""

    def patient(act: Callable) -> Callable:
        def acted(locator: Locator, *args, **options):
            locator.page.wait_for_load_state("domcontentloaded")
            return act(locator, *args, **options)

        return acted

    for name in BY_HAND:
        setattr(Locator, name, patient(getattr(Locator, name)))


def sign_in_context(context: BrowserContext, site: Site, user) -> None:
    """A session as if the form had been filled in."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site.url}])


class Trouble(list):
    """What a page complained of: errors of scripts, anything the security policy stopped, a broken answer.

    That a refused form answers 4xx is how the site works, and not a complaint.
    """

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.append(str(error.error)))
        context.on("response", self._response)

    def _console(self, message) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.append(message.text)

    def _response(self, response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.append(f"{response.status} {response.url}")


@pytest.fixture
def open_browser(site: Site, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_browser(user)`: a page of a browser of one's own, signed in; complaints fail the test at its end."""
    contexts, trouble = [], Trouble()

    def opened(user=None, viewport=DESK, within=browser, **options) -> Page:
        options.setdefault("service_workers", "block")  # test_offline lets it in
        context = within.new_context(viewport=viewport, base_url=site.url, locale="en-GB", **options)
        context.set_default_timeout(PATIENCE)
        trouble.listen(context)
        contexts.append(context)
        if user is not None:
            sign_in_context(context, site, user)
        return context.new_page()

    opened.trouble = trouble  # type: ignore[attr-defined]
    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture
def reading(open_browser):
    """A page that does not move, with the security policy in force."""
    return lambda user=None: open_browser(user, reduced_motion="reduce")


@pytest.fixture
def looking(open_browser, undrawn_browser):
    """As `reading`, for pages that are looked at and left: nothing can be pressed."""
    return lambda user=None, viewport=DESK: open_browser(
        user, viewport, undrawn_browser, reduced_motion="reduce"
    )
