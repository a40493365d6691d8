"""Two tabs of one person, and a sign-in in between: nothing typed is lost, nothing is saved twice."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from contacts.models import HomeContact
from keywork.models import Draft
from tsp.models import Rating

from .axe import faults_here, too_wide
from .flows import sign_in, sign_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kept(page: Page) -> None:
    expect(page.locator(".kw-draft").first).to_contain_text("aved at")


def sign_in_again(page: Page, user) -> None:
    """In another tab of the same browser."""
    other = page.context.new_page()
    other.goto("/today/")
    sign_out(other)
    sign_in(other, user)
    other.close()


def test_signed_in_again_in_another_tab_the_first_goes_on(site, open_browser):
    us = site.pair("Merle")
    page = open_browser()
    sign_in(page, us.user)
    page.goto(reverse("contacts:log_contact", args=[us.student.pk]))
    page.get_by_label("Spoke", exact=False).first.check()
    notes = page.locator("[name=notes]")
    notes.press_sequentially("One sentence.")
    kept(page)
    sign_in_again(page, us.user)
    with page.expect_response("**/drafts/**") as answer:
        notes.press_sequentially(" And a second.")
    assert answer.value.status == 204
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("Contact saved.")).to_be_visible()
    saved = HomeContact.objects.filter(student=us.student, notes="One sentence. And a second.")
    assert saved.count() == 1 and not Draft.objects.filter(user=us.user).exists()


def test_a_rating_saves_itself_after_signing_in_again(site, open_browser):
    us = site.pair("Robin")
    page = open_browser()
    sign_in(page, us.user)
    page.goto(reverse("tsp:workspace", args=[us.student.pk, "2026-27-autumn", "baseline"]))
    sign_in_again(page, us.user)
    page.locator("details:has([name='rating:emo-recover'])").last.evaluate("it => { it.open = true }")
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.locator("[name='rating:emo-recover'][value='3']").evaluate("it => it.click()")
    assert answer.value.status == 200
    assert Rating.objects.get(window__student=us.student).value == 3


@pytest.mark.parametrize(
    ("where", "field", "kept_by"),
    [
        (lambda us: reverse("contacts:log_contact", args=[us.student.pk]), "[name=notes]", "**/drafts/**"),
        (
            lambda us: reverse("tsp:workspace", args=[us.student.pk, "2026-27-autumn", "baseline"]),
            "[name='passage:summary']",
            "**/save/",
        ),
    ],
    ids=["a draft", "what saves itself"],
)
def test_leaving_a_field_sends_it_at_once(site, open_browser, where, field, kept_by):
    """No timer runs here: the last words do not wait for one."""
    us = site.pair(f"Wren {len(field)}")
    page = open_browser(us.user)
    page.clock.install()
    page.goto(where(us))
    page.clock.pause_at("2030-01-01")
    page.locator(field).evaluate(
        "it => { for (let up = it; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true }"
    )
    page.locator(field).fill("The last words.")
    with page.expect_response(kept_by, timeout=5000) as answer:
        page.keyboard.press("Tab")
    assert answer.value.ok


def test_two_tabs_have_a_draft_each_and_both_are_found_again(site, open_browser):
    us = site.pair("Lark")
    one = open_browser(us.user)
    path = reverse("contacts:log_contact", args=[us.student.pk])
    two = one.context.new_page()
    for page in (one, two):
        page.goto(path)
    for page, words in ((one, "Rang about the trip."), (two, "Met at the gate.")):
        page.locator("[name=notes]").press_sequentially(words)
        kept(page)
        page.close()
    page = two.context.new_page()
    page.goto(path)
    expect(page.locator("[name=notes]")).to_have_value("Met at the gate.")
    expect(page.get_by_text("“Rang about the trip.”")).to_be_visible()
    assert not faults_here(page) and not too_wide(page)
    page.get_by_role("button", name="Go on with this one").click()
    expect(page.locator("[name=notes]")).to_have_value("Rang about the trip.")
    expect(page.get_by_text("“Met at the gate.”")).to_be_visible()


def test_two_who_changed_the_same_words_see_both(site, open_browser):
    us = site.pair("Finch")
    contact = HomeContact.objects.get(student=us.student)
    page = open_browser(us.user)
    page.goto(reverse("contacts:amend_contact", args=[contact.pk]))
    page.locator("[name=notes]").fill("My words.")
    HomeContact.objects.filter(pk=contact.pk).update(notes="Their words.", version=contact.version + 1)
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("Their words.")).to_be_visible()
    assert not faults_here(page) and not too_wide(page)
    page.get_by_label("Save what stands in the field below").check()
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("Contact changed.")).to_be_visible()
    contact.refresh_from_db()
    assert contact.notes == "My words."
