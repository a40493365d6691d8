"""Every page anybody can open: axe finds nothing in light or dark, nothing runs off a small or zoomed screen, and the
security policy stops nothing. The pages are those of the routes, so a new one cannot be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.urls import get_resolver, reverse

from keywork.models import EmailedCode
from students.models import Student
from tests.access.expectations import TABLE
from tests.signin.conftest import set_up_app
from tests.world import TODAY, make_student, make_user

from .axe import faults_here, look_at
from .flows import say_it_is_still_me, sign_in, sign_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Who looks at a page, the first of these who may; every one of them sees pages of their own.
READERS = ("keyworker", "head", "coordinator", "dsl", "admin", "parent", "student", "keyworker_other")

AT_A_TIME = 12  # pages in one test: two workers end together when none has a long one

# Routes that show no page of ours.
NOT_PAGES = {
    "account_session": "what a page asks by itself; tests/signin looks at it",
    "portal:invitation_letters": "a download; asked for by its address it leads back",
    "portal:first": "leads on where there is an administrator; test_setting_up has none",
    "reports:written_send_back": "leads back to the report, which has the form",
    "portal:home": "leads on to a page that is looked at",
    "portal:unsent": "leads on when nothing is held; test_log holds something",
    "portal:oversight_csv": "a download",
    "portal:oversight_xlsx": "a download",
    "portal:figures_csv": "a download",
    "portal:figures_xlsx": "a download",
    "portal:silences_csv": "a download",
    "portal:silences_xlsx": "a download",
    "contacts:households_csv": "a download",
    "contacts:households_xlsx": "a download",
    "contacts:misses_csv": "a download",
    "contacts:misses_xlsx": "a download",
    "portal:calendar_feed": "read by calendar programs",
    "home:feed": "read by calendar programs",
    "home:meeting_ics": "a download",
    "safety:choose_child": "leads on to the only child; test_families has two",
    "portal:card": "a part of Today; on its own it leads to Today",
    "contacts:brief": "leads on but in the weeks after a long holiday; tests/contacts/test_holidays opens it",
    "portal:healthz": "read by machines",
    "portal:manifest": "read by machines",
    "portal:worker": "read by machines",
    "students:photo": "a picture",
    "care:plan_pdf": "a document",
    "care:document_file": "a document",
    "students:import_rejected": "a download",
    "portal:oversight_report": "a document",
    "reports:pdf": "a document",
    "reports:batch_zip": "a download",
    "reports:batch_print": "a download",
    "reports:word": "a download",
    "reports:letterhead_logo": "a picture",
    "reports:school_data_file": "a download",
    "reports:student_file_download": "a download",
    "reports:authority_sample": "a download",
    "reports:authority_form_file": "a download",
    "reports:authority_word": "a download",
    "reports:authority_pdf": "a document",
    "reports:family_pdf": "a document",
    "reports:written_pages": "a document",
    "reports:profile": "a document",
    "reports:kept_plan": "a document",
    "reports:pack_pages": "a document",
    "reports:pack_pdf": "a download",
    "reports:batch_paper": "a document",
    "reports:paper": "a document",
    "reports:independence_paper": "a document",
    "ilsa:form": "leads on to where the rater left off",
    "ilsa:my_form": "leads on to where the student left off",
    "ilsa:child_form": "leads on to where the parent left off",
    "ilsa:my_part": "the student's answers are in; test_ilsa looks at it",
    "ilsa:school_csv": "a download",
    "ilsa:export": "a download",
    "tsp:export": "a download",
    "tsp:attachment": "a picture",
    "tsp:student_attachment": "a picture",
    "tsp:family_attachment": "a picture",
    "home:talk_ticks": "leads on where the keyworker wrote it down; test_tsp_own looks at it",
    "tsp:ws_live": "leads on to the workspace, which asks for it by itself",
    "tsp:class_csv": "a download",
    "enquiries:by_link": "a link of somebody outside; test_tsp_asked opens one",
    "contacts:mail_file": "a picture or PDF",
    "enquiries:signed": "a signed link of a mail; test_answering opens one",
    "enquiries_before:by_link": "the same page",
    "enquiries_before:mine": "the same page",
    "enquiries_before:answer": "the same page",
    "reports:outside_by_link": "a link of somebody outside; test_reports opens one",
    "reports:outside_file": "a document",
    "portal:sign_in_card_pdf": "a download",
    "openid_connect_login": "leads to the provider; tests/signin goes there and back",
    "openid_connect_callback": "leads on: where the provider leads back to",
    "account_language": "takes a POST only",
    "mfa_download_recovery_codes": "a download",
    "mfa_login_webauthn": "JSON for a script",
    "account_emailed_code": "takes a POST only",
    "account_signup": "404, as accounts come by invitation",
    "account_set_password": "leads on: everyone chose a password by invitation",
}
SIGNED_OUT = (
    "account_login",
    "account_card",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_inactive",
    "portal:help",
    "portal:privacy",
    "portal:join",
    "portal:offline",
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
    "account_confirm_login_code",
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
    assert all(pages_of(reader) for reader in READERS)
    looked_at = {name for reader in READERS for name in pages_of(reader)}
    looked_at |= {*SIGNED_OUT, *OWN_SIGN_IN, *WITH_SECOND_STEP, *ON_THE_WAY}
    here = set(routes())
    assert here - looked_at - NOT_PAGES.keys() == {name for name in here if is_post_only(name)}
    assert not looked_at & NOT_PAGES.keys()
    assert NOT_PAGES.keys() <= here


@pytest.mark.parametrize(
    ("reader", "first"),
    [(reader, first) for reader in READERS for first in range(0, len(pages_of(reader)), AT_A_TIME)],
)
def test_pages_of(reader, first, site, looking):
    names = pages_of(reader)[first : first + AT_A_TIME]
    paths = {name: reverse(name, kwargs=TABLE[name].args(site.w, site.w.mina)) for name in names}
    if "students:come_back" in paths:
        paths["students:come_back"] = reverse("students:come_back", args=[_gone().pk])
    assert look_at(looking(site.w.users[reader]), paths) == {}


def _gone() -> Student:
    """A student who has left: nobody else comes back on roll."""
    gone = make_student("Tove", "Returning")
    gone.left_on = TODAY - timedelta(days=30)
    gone.save()
    return gone


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


def test_pages_signed_out(site, looking):
    page = looking()
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


def test_a_code_by_e_mail(site, looking, reading):
    """The page that offers it to a family, and the page that asks for it."""
    parent = site.w.u_parent
    assert look_at(looking(parent), {"mfa_index": reverse("mfa_index")}) == {}
    EmailedCode.objects.create(user=parent)
    page = reading()
    sign_in(page, parent)
    assert page.url.split("?")[0].endswith(reverse("account_confirm_login_code"))
    assert faults_here(page) == []


@pytest.mark.parametrize(
    ("status", "path"), [(404, "/students/999999999/"), (404, "/accounts/signup/"), (403, "/oversight/")]
)
def test_refusals(status, path, site, looking):
    """A 404 and a 403 are pages too."""
    assert look_at(looking(site.w.u_keyworker), {path: path}, status) == {}


def test_the_policy_allows_only_our_own_scripts(site, reading):
    """What the tests above watch for would be seen: the browser stops and reports anything inline."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    page = reading(site.w.u_keyworker)
    policy = page.goto("/today/").headers["content-security-policy"]
    assert "script-src 'self'" in [part.strip() for part in policy.split(";")] and "unsafe" not in policy
