"""How families and students come in, by the keyboard alone, with script and without, on a small phone and at a desk."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import Locator, Page, expect

from students.actions.entry_letters import letters_for
from students.actions.sign_in_cards import give_card
from tests.world import make_student

from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = {"width": 320, "height": 640}
MOST_TABS = 60
WIDER = "document.documentElement.scrollWidth > innerWidth"


def tab_to(page: Page, there: Locator) -> None:
    """By the Tab key, as somebody without a mouse."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if there.evaluate("it => it === document.activeElement"):
            return
    raise AssertionError("the keyboard does not reach it")


def type_into(page: Page, label: str, words: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(words)


def press(page: Page, role: str, name: str) -> None:
    tab_to(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press("Enter")


def leave(page: Page) -> None:
    page.goto("/accounts/logout/")
    tab_to(page, page.locator("#main").get_by_role("button", name="Sign out"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/**")


@pytest.mark.parametrize(("viewport", "script"), [(SMALL, False), (PHONE, True), (DESK, False)])
def test_a_parent_begins_with_a_letter_and_comes_back_by_code(site, open_browser, viewport, script):
    us = site.pair("Fern")
    [letter] = letters_for(members=[us.link.member], by=site.w.u_admin)
    email = f"sunniva{us.student.pk}@home.example"
    page = open_browser(viewport=viewport, java_script_enabled=script)
    page.goto("/join/")
    assert not page.evaluate(WIDER)
    type_into(page, "The code in your letter", letter.code.lower())
    type_into(page, "Your e-mail address", email)
    page.keyboard.press("Enter")
    page.wait_for_url("**/password/reset/key/**")
    type_into(page, "Your new password", "brave-heron-counts-stars")
    type_into(page, "The same once more", "brave-heron-counts-stars")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fern", exact=True)).to_be_visible()

    leave(page)
    assert not page.evaluate(WIDER)
    press(page, "link", "Send me a code")
    type_into(page, "Your e-mail address", email)
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/code/**")
    code = next(
        re.search(r"^\d{4}-\d{4}$", one.body, re.MULTILINE)
        for one in reversed(mail.outbox)
        if one.to == [email] and one.subject == "Your code for Keywork"
    )
    assert code is not None and not page.evaluate(WIDER)
    type_into(page, "The code in the e-mail", code[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Fern", exact=True)).to_be_visible()


@pytest.mark.parametrize(("viewport", "script"), [(SMALL, True), (DESK, False)])
def test_a_student_comes_in_with_a_card(site, open_browser, viewport, script):
    student = make_student(f"Card{viewport['width']}", "Holder")
    card = give_card(student=student, by=site.w.u_admin)
    page = open_browser(viewport=viewport, java_script_enabled=script)
    page.goto("/accounts/login/")
    press(page, "link", "Use my card")
    type_into(page, "My name on the card", card.username)
    type_into(page, "The code on the card", "wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The name or the code is not right.").first).to_be_visible()
    assert not page.evaluate(WIDER)
    expect(page.get_by_label("My name on the card")).to_have_value(card.username)
    code = page.get_by_label("The code on the card")
    code.fill(card.code)
    code.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Hello Card{viewport['width']}")
