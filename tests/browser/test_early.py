"""Somebody types before the page's script has come, as on a slow train: their words are kept all the same."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from keywork.models import Draft
from tests.tsp.factories import make_sheet
from tsp.models import Tool

from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = "Quicker than the script."


def type_before(page: Page, script: str, path: str, box: str) -> None:
    held: list = []
    page.route(f"**/{script}", lambda route: held.append(route))
    page.goto(path, wait_until="commit")
    expect(page.locator(box)).to_be_visible()
    page.locator(box).evaluate("it => it.focus()")
    page.keyboard.insert_text(WORDS)
    expect(page.locator(box)).to_have_value(WORDS)
    while not held:
        page.wait_for_timeout(10)
    held[0].continue_()


def test_a_draft(site, open_browser):
    us = site.pair("Wren")
    page = open_browser(us.user, viewport=PHONE)
    type_before(page, "keywork.js", reverse("contacts:log_contact", args=[us.student.pk]), "[name=notes]")
    expect(page.locator(".kw-draft").first).to_contain_text(re.compile(r"Draft saved at 1?\d(\.\d\d)? [ap]m"))
    assert Draft.objects.get(user=us.user).data["notes"] == [WORDS]


def test_a_form_that_saves_itself(site, open_browser):
    us = site.pair("Wren")
    sheet = make_sheet(us.student, us.user, Tool.RESTORATIVE, done=False, answers={})
    page = open_browser(us.user, viewport=PHONE)
    type_before(
        page, "autosave.js", reverse("tsp:sheet_fill", args=[sheet.pk]), "textarea[name=what-happened]"
    )
    expect(page.locator(".kw-draft").first).to_contain_text("Saved at")
    assert sheet.answers.get().value == WORDS


def test_nothing_typed_is_no_draft(site, open_browser):
    us = site.pair("Wren")
    page = open_browser(us.user, viewport=PHONE)
    with page.expect_response("**/contacts/new/"):
        page.goto(reverse("contacts:log_contact", args=[us.student.pk]))
    page.wait_for_timeout(1200)  # longer than a draft waits
    assert not Draft.objects.filter(user=us.user).exists()
