"""What a person does more than once in these tests."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Locator, Page, expect

from keywork.models import Draft
from tests.world import PASSWORD

from .conftest import PATIENCE


def sign_in(page: Page, user) -> None:
    """Through the form, from wherever the site has led."""
    if "/accounts/login/" not in page.url:
        page.goto("/accounts/login/")
    page.get_by_role("textbox", name="E-mail address").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def sign_out(page: Page) -> None:
    menu = page.get_by_role("button", name="Menu", exact=True)
    if menu.is_visible():
        menu.click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")


def sign_in_again(page: Page, user) -> None:
    """In another tab of the same browser."""
    other = page.context.new_page()
    other.goto("/today/")
    sign_out(other)
    sign_in(other, user)
    other.close()


def card_of(page: Page, student) -> Locator:
    return page.locator(f"#s-{student.pk}")


def open_contact_form(page: Page, student) -> Locator:
    """The form inside the card on Today."""
    card = card_of(page, student)
    card.get_by_role("link", name="Log contact").click()
    expect(card.get_by_role("button", name="Save contact")).to_be_visible()
    return card


def note(card: Locator | Page) -> Locator:
    return card.get_by_label("What was said")


def type_note(card: Locator, words: str) -> None:
    """As fingers do; the draft is then being kept."""
    note(card).press_sequentially(words, delay=2)


def wait_for_draft(card: Locator) -> None:
    """Until all that stands in the note is kept: leaving a field keeps what was there before it, too."""
    expect(card.locator(".kw-draft")).to_contain_text("Draft saved")
    wait_until(note(card).page, lambda: Draft.objects.filter(data__notes=[note(card).input_value()]).exists())


def wait_until(page: Page, stored: Callable[[], bool]) -> None:
    """What the page saves by itself comes to the database a moment later."""
    end = time.monotonic() + PATIENCE / 1000
    while not stored():
        assert time.monotonic() < end, "it was not saved"
        page.wait_for_timeout(50)


def say_it_is_still_me(page: Page) -> None:
    """Before one's own sign-in can be changed the password is asked for once more."""
    page.goto("/accounts/reauthenticate/?next=/me/")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main form").get_by_role("button").first.click()
    page.wait_for_url("**/me/")


def end_sessions(page: Page) -> None:
    """As an administrator closing the account, or the half hour running out, does."""
    Session.objects.filter(
        session_key__in=[
            cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid"
        ]
    ).delete()
    cache.clear()
