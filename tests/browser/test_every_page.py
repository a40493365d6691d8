"""Every page anybody can open: axe finds nothing in light or dark, nothing runs off a small or zoomed screen, and the
security policy stops nothing. The pages are those of the routes, so a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import axe_playwright_python
import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.urls import get_resolver, reverse
from playwright.sync_api import Page

from tests.access.expectations import TABLE
from tests.signin.conftest import set_up_app
from tests.world import make_user

from .conftest import DESK
from .flows import say_it_is_still_me, sign_in, sign_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RUN_AXE = """async (rules) => (await axe.run(document, rules ? {runOnly: {type: "rule", values: rules}} : {}))
    .violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)"""
BY_COLOUR = ["color-contrast", "link-in-text-block"]  # all that can differ between light and dark
WIDTHS = {"200 % zoom": 640, "320 px": 320}

# Who looks at a page, the first of these who may; every one of them sees pages of their own.
READERS = ("keyworker", "head", "coordinator", "dsl", "admin", "parent", "student")

# Routes that show no page of ours.
NOT_PAGES = {
    "portal:home": "leads on to a page that is looked at",
    "portal:unsent": "leads on when nothing is held; test_log holds something",
    "portal:oversight_csv": "a download",
    "portal:card": "a part of Today; on its own it leads to Today",
    "portal:healthz": "read by machines",
    "students:photo": "a picture",
    "students:plan_pdf": "a document",
    "students:import_rejected": "a download",
    "reports:pdf": "a document",
    "reports:family_pdf": "a document",
    "tsp:export": "a download",
    "mfa_download_recovery_codes": "a download",
    "mfa_login_webauthn": "JSON for a script",
    "account_signup": "404, as accounts come by invitation",
    "account_set_password": "leads on: everyone chose a password by invitation",
}
SIGNED_OUT = (
    "account_login",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
    "portal:help",
)
OWN_SIGN_IN = (
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
)
WITH_SECOND_STEP = (
    "mfa_index",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
)
PHONE_WITH_FINGERPRINT = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
ON_THE_WAY = {
    "account_reset_password_from_key",
    "mfa_authenticate",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}


def is_post_only(name: str) -> bool:
    return name in TABLE and 405 in TABLE[name].get


def pages_of(reader: str) -> list[str]:
    """The pages this reader is the first to be able to open."""
    return [
        name
        for name, row in sorted(TABLE.items())
        if name not in NOT_PAGES
        and not is_post_only(name)
        and next((one for one in READERS if one in row.may_mine), None) == reader
    ]


def routes(resolver=None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


def test_no_page_is_forgotten():
    looked_at = {name for reader in READERS for name in pages_of(reader)}
    looked_at |= {*SIGNED_OUT, *OWN_SIGN_IN, *WITH_SECOND_STEP, *ON_THE_WAY}
    here = set(routes())
    assert here - looked_at - NOT_PAGES.keys() == {name for name in here if is_post_only(name)}
    assert not looked_at & NOT_PAGES.keys()
    assert NOT_PAGES.keys() <= here


def faults_of(page: Page, path: str, status: int = 200) -> list[str]:
    """What is wrong with one page, in words."""
    response = page.goto(path)
    if response.status != status or not response.url.endswith(path):
        return [f"answers {response.status} at {response.url}"]
    return faults_here(page)


def faults_here(page: Page) -> list[str]:
    """The same of the page as it stands: light, dark, zoomed, and on a small screen."""
    page.evaluate(AXE)
    found = [f"light: {fault}" for fault in page.evaluate(RUN_AXE, None)]
    page.emulate_media(color_scheme="dark")
    # Colours half-way are not what people see.
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    found += [f"dark: {fault}" for fault in page.evaluate(RUN_AXE, BY_COLOUR)]
    page.emulate_media(color_scheme="light")
    return found + too_wide(page)


def too_wide(page: Page) -> list[str]:
    found = []
    for words, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 640})
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"at {words} it is {needed} px wide")
    page.set_viewport_size(DESK)
    return found


def look_at(page: Page, paths: Mapping[str, str], status: int = 200) -> dict[str, list[str]]:
    faults = {name: faults_of(page, path, status) for name, path in paths.items()}
    return {name: wrong for name, wrong in faults.items() if wrong}


@pytest.fixture
def reading(open_browser):
    """A page that does not move, with the security policy in force."""
    return lambda user=None: open_browser(user, reduced_motion="reduce")


@pytest.mark.parametrize("reader", READERS)
def test_pages_of(reader, site, reading):
    paths = {name: reverse(name, kwargs=TABLE[name].args(site.w, site.w.mina)) for name in pages_of(reader)}
    assert paths
    assert look_at(reading(site.w.users[reader]), paths) == {}


def test_pages_of_one_s_own_sign_in(site, reading):
    page = reading(site.w.u_senco)
    say_it_is_still_me(page)
    assert look_at(page, {name: reverse(name) for name in OWN_SIGN_IN}) == {}


def test_pages_with_a_second_step(site, reading):
    """An app, recovery codes and a passkey: made, kept, and signed in with."""
    user = make_user("second_step", "staff")
    set_up_app(user)
    RecoveryCodes.activate(user)
    page = reading(user)
    say_it_is_still_me(page)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE_WITH_FINGERPRINT})
    page.goto(reverse("mfa_add_webauthn"))
    page.get_by_role("textbox").first.fill("School phone")
    page.get_by_text("It lets me in without a password").click()
    page.get_by_role("button", name="Add this device").click()
    page.wait_for_url(lambda url: reverse("mfa_add_webauthn") not in url)
    key = Authenticator.objects.get(user=user, type=Authenticator.Type.WEBAUTHN)

    paths = {name: reverse(name) for name in WITH_SECOND_STEP}
    paths |= {name: reverse(name, args=[key.pk]) for name in ("mfa_edit_webauthn", "mfa_remove_webauthn")}
    assert look_at(page, paths) == {}

    sign_out(page)
    page.get_by_role("button", name="passkey").click()
    page.wait_for_url("**/today/")
    sign_out(page)
    sign_in(page, user)  # the password alone leads to the second step
    assert page.url.split("?")[0].endswith(reverse("mfa_authenticate"))
    assert faults_here(page) == []


def test_pages_signed_out(site, reading):
    page = reading()
    assert look_at(page, {name: reverse(name) for name in SIGNED_OUT}) == {}
    user = site.w.u_teacher
    page.goto(
        reverse(
            "account_reset_password_from_key",
            kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
        )
    )
    assert page.get_by_role("textbox").count() == 2
    assert faults_here(page) == []


@pytest.mark.parametrize(
    ("status", "path"), [(404, "/students/999999999/"), (404, "/accounts/signup/"), (403, "/oversight/")]
)
def test_refusals(status, path, site, reading):
    """A 404 and a 403 are pages too."""
    assert look_at(reading(site.w.u_keyworker), {path: path}, status) == {}


def test_the_policy_allows_only_our_own_scripts(site, reading):
    """What the tests above watch for would be seen: the browser stops and reports anything inline."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    page = reading(site.w.u_keyworker)
    policy = page.goto("/today/").headers["content-security-policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy
