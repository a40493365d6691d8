"""Pages of families in other languages: longer words, and lines that begin on the right, on a phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from keywork.models import User
from tests import languages
from tests.access.expectations import TABLE

from .axe import faults_here, too_wide
from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = {
    "parent": ("portal:family", "portal:me", "home:child", "home:talk", "home:meet", "ilsa:child_part"),
    "student": ("portal:my_page", "home:feeling", "home:step", "safety:say", "ilsa:my_result", "portal:help"),
}


def look(page, site, reader):
    """The pages of one reader that are too wide, or wrong in another way that is measured."""
    found = {}
    for name in PAGES[reader]:
        page.goto(reverse(name, kwargs=TABLE[name].args(site.w, site.w.mina) if name in TABLE else {}))
        if wrong := too_wide(page):
            found[name] = wrong
    return found


def test_lines_that_begin_on_the_right(site, looking, tmp_path):
    with languages.spoken(tmp_path) as code:
        for reader in PAGES:
            User.objects.filter(pk=site.w.users[reader].pk).update(language=code)
            page = looking(site.w.users[reader], PHONE)
            assert look(page, site, reader) == {}
            assert page.locator("html").get_attribute("dir") == "rtl"
            assert page.evaluate("getComputedStyle(document.querySelector('main')).direction") == "rtl"
        assert faults_here(page, ("light", "dark")) == []
    User.objects.filter(language=code).update(language="")


def test_polish_fits_a_phone_and_english_is_one_press_away(site, open_browser):
    parent = site.w.users["parent"]
    User.objects.filter(pk=parent.pk).update(language="pl")
    page = open_browser(parent, PHONE)
    assert look(page, site, "parent") == {}
    page.goto("/home/")
    expect(page.locator(".kw-draft-language")).to_contain_text(
        "Draft translation: to be checked by a speaker."
    )
    expect(page.get_by_role("heading", name="Państwa kolej")).to_be_visible()
    page.get_by_role("button", name="Read in English").click()
    expect(page.get_by_role("heading", name="Your turn")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en-GB" and page.url.endswith("/home/")

    page = open_browser(viewport=PHONE)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Cymraeg").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mewngofnodi i Keywork")
