"""Words that are nowhere but on a page: whoever leaves is asked; and Back after a save brings none of them twice."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tsp.models import Evidence

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_example_on_its_own_page_is_saved_once(site, open_browser):
    us = site.pair()
    page = open_browser(us.user)
    point = [us.student.pk, "2026-27-autumn", "baseline"]
    page.goto(reverse("tsp:ws_examples", args=[*point, "comm-ask-help"]))
    own = page.locator("details", has_text="In your own words")
    own.evaluate("it => { it.open = true }")
    page.get_by_label("What you saw").fill("Waited for a turn.")
    page.get_by_label("Where", exact=True).last.select_option("trip")
    page.get_by_role("button", name="Add this example").click()
    expect(page.get_by_text("The examples are saved.")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What you saw")).to_have_value("")
    assert Evidence.objects.filter(point__student=us.student).count() == 1


def test_whoever_leaves_typed_words_is_asked(site, open_browser):
    us = site.pair()
    page = open_browser(us.user)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.goto("/me/")
    note = page.locator("[name=reach_note]")
    there = page.url
    page.locator("nav a").first.click()
    page.wait_for_url(lambda url: url != there)
    assert not asked, "nothing was typed"
    page.goto("/me/")
    note.press_sequentially("After two on Mondays")
    page.locator("nav a").first.click()
    expect(note).to_have_value("After two on Mondays")
    assert asked == ["beforeunload"]
    page.locator("form[data-sign-out] button").first.click()
    expect(note).to_have_value("After two on Mondays")
    assert asked == ["beforeunload"] * 2
    page.locator("form", has=note).get_by_role("button", name="Save").first.click()
    expect(page.locator("#messages")).to_contain_text("aved")
    assert asked == ["beforeunload"] * 2, "saving it is not leaving it"
