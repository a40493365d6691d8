"""Every page anybody can open: axe finds nothing in light or dark, nothing runs off a 320 px screen, and nothing
is stopped by the security policy. The pages are those of the access matrix, so a new one cannot be forgotten."""

from __future__ import annotations

from pathlib import Path

import axe_playwright_python
import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from tests.access.expectations import PUBLIC, TABLE

from .conftest import DESK, Trouble, sign_in_context

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN_AXE = """async (rules) => (await axe.run(document, rules ? {runOnly: {type: "rule", values: rules}} : {}))
    .violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)"""
SMALL = {"width": 320, "height": 640}

# Who looks at a page, the first of these who may; every one of them sees pages of their own.
READERS = ("keyworker", "head", "coordinator", "dsl", "admin", "parent", "student")

# Not pages of ours: documents and downloads, redirects, and what JSON asks for.
NOT_PAGES = {
    "portal:home": "leads on to a page that is looked at",
    "portal:unsent": "leads on when nothing is held",
    "portal:oversight_csv": "a download",
    "portal:card": "a part of Today; on its own it leads to Today",
    "portal:healthz": "read by machines",
    "students:photo": "a picture",
    "students:plan_pdf": "a document",
    "students:import_rejected": "a download",
    "reports:pdf": "a document",
    "reports:family_pdf": "a document",
    "tsp:export": "a download",
}
SIGNED_OUT = (
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_inactive",
    "account_signup",
    "portal:help",
)
OWN_SIGN_IN = (
    "account_change_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "account_reauthenticate",
)


def pages_of(reader: str) -> list[str]:
    """The pages this reader is the first to be able to open."""
    mine = []
    for name, row in sorted(TABLE.items()):
        opens = {200, 302} & set(row.get) and 405 not in row.get
        if (
            opens
            and name not in NOT_PAGES
            and next((r for r in READERS if r in row.may_mine), None) == reader
        ):
            mine.append(name)
    return mine


def test_every_page_is_looked_at():
    looked_at = {name for reader in READERS for name in pages_of(reader)} | set(NOT_PAGES) | set(SIGNED_OUT)
    posted_only = {name for name, row in TABLE.items() if 405 in row.get}
    assert set(TABLE) | set(PUBLIC) == (looked_at & (set(TABLE) | set(PUBLIC))) | posted_only
    assert not posted_only & set(NOT_PAGES)


def faults_of(page: Page, path: str) -> list[str]:
    """What is wrong with one page, in words: light, dark, and on a small screen."""
    response = page.goto(path)
    found = [f"answers {response.status}"] if response.status >= 500 else []
    page.evaluate(AXE)
    page.add_style_tag(
        content="* { transition: none !important }"
    )  # colours half-way are not what people see
    found += [f"light: {fault}" for fault in page.evaluate(RUN_AXE, None)]
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in page.evaluate(RUN_AXE, ["color-contrast", "link-in-text-block"])]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(SMALL)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > SMALL["width"]:
        found.append(f"at 320 px it is {width} px wide")
    page.set_viewport_size(DESK)
    return found


def look_at(context: BrowserContext, paths: dict[str, str]) -> dict[str, list[str]]:
    page = context.new_page()
    faults = {name: faults_of(page, path) for name, path in paths.items()}
    return {name: wrong for name, wrong in faults.items() if wrong}


@pytest.fixture
def reading(site, browser):
    """A browser that lets axe in; the security policy itself is watched in the other tests."""
    contexts = []

    def as_reader(user=None) -> BrowserContext:
        context = browser.new_context(
            viewport=DESK, base_url=site.url, locale="en-GB", bypass_csp=True, reduced_motion="reduce"
        )
        contexts.append(context)
        if user is not None:
            sign_in_context(context, site, user)
        return context

    yield as_reader
    for context in contexts:
        context.close()


@pytest.mark.parametrize("reader", READERS)
def test_pages_of(reader, site, reading):
    paths = {name: reverse(name, kwargs=TABLE[name].args(site.w, site.w.mina)) for name in pages_of(reader)}
    assert look_at(reading(site.w.users[reader]), paths) == {}


def test_pages_of_one_s_own_sign_in(site, reading):
    paths = {name: reverse(name) for name in OWN_SIGN_IN}
    assert look_at(reading(site.w.u_senco), paths) == {}


def test_pages_signed_out(site, reading):
    assert look_at(reading(), {name: reverse(name) for name in SIGNED_OUT}) == {}


@pytest.mark.parametrize("path", ["/students/999999999/", "/oversight/"])
def test_refusals(path, site, reading):
    """A 404 and a 403 are pages too."""
    assert look_at(reading(site.w.u_keyworker), {path: path}) == {}


def test_nothing_is_stopped_by_the_security_policy(site, browser):
    """The pages people spend their day on, with the policy in force."""
    trouble = Trouble()
    mina = site.w.mina.pk
    for reader, paths in {
        "keyworker": ["/today/", f"/students/{mina}/", f"/students/{mina}/contacts/new/", "/reports/"],
        "head": ["/oversight/", "/assignments/", "/students/"],
        "parent": ["/home/"],
        "student": ["/my-page/"],
        "admin": [reverse("students:import"), reverse("mfa_add_webauthn")],
    }.items():
        context = browser.new_context(base_url=site.url)
        trouble.listen(context)
        sign_in_context(context, site, site.w.users[reader])
        page = context.new_page()
        for path in paths:
            assert page.goto(path).status == 200, path
        context.close()
    assert trouble == []
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"] == ["'self'"]
