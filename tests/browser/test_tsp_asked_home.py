"""A parent tells how it is at home by a link on a phone, with and without script; then the link ends."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from students.models import FamilyLink
from tests.tsp import factories as make
from tests.tsp.factories import TERM
from tests.world import TODAY
from tsp.enquiries.actions import ask_home

from .axe import faults_here
from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WELL = "What is going well at home?"


@pytest.fixture
def asked(site):
    """A mother who was asked: her people, the ask, its code and its link."""
    us = site.pair("Wren")
    ask, code = ask_home(by=us.user, student=us.student, term=TERM, member=us.link.member, days=7)
    [message] = [one for one in mail.outbox if one.to == [ask.email]]
    return us, ask, code, re.search(r"https?://[^/\s]+(/enquiries/link/[\w-]+/)", message.body)[1]


def go_in(page, link: str, code: str) -> None:
    page.goto(link)
    page.get_by_label("Code of six digits").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wren at home")


def test_a_mother_writes_on_one_phone_and_sends_from_another(asked, open_browser):
    us, ask, code, link = asked
    page = open_browser(viewport=PHONE, reduced_motion="reduce")
    go_in(page, link, code)
    assert faults_here(page) == []
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert us.student.surname not in page.content()
    page.get_by_label(WELL).press_sequentially("He sleeps again.", delay=2)
    expect(page.locator(".kw-draft").first).to_contain_text("Saved at")
    page.get_by_text("I would rather not").first.click()
    assert faults_here(page) == []
    page.close()  # supper is ready

    later = open_browser(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    go_in(later, link, code)
    expect(later.get_by_label(WELL)).to_have_value("He sleeps again.")
    later.get_by_role("link", name="Tick what you see Wren do").click()
    expect(later.get_by_role("heading", level=1)).to_have_text("What you see Wren do")
    later.locator("summary").first.click()
    later.locator("details[open] .form-check-label").first.click()
    expect(later.locator(".kw-draft").first).to_contain_text("Saved at")
    assert faults_here(later) == []
    later.get_by_role("button", name="Save and go back").click()
    expect(later.get_by_role("status").first).to_contain_text("Saved.")
    later.get_by_role("button", name="Look at what you say").click()
    expect(later.get_by_role("heading", level=1)).to_have_text("This is what you say")
    assert faults_here(later) == []
    later.get_by_role("button", name=re.compile("^Send to")).click()
    expect(later.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert faults_here(later) == []
    ask.refresh_from_db()
    assert ask.answered_at and make.sheet_of(ask).member == us.link.member
    told = {one.field: one.value for one in make.sheet_of(ask).answers.all()}
    assert told.pop("home-going-well") == "He sleeps again." and len(told) == 1
    later.goto(link)
    expect(later.get_by_role("heading", level=1)).to_have_text("This link cannot be used")


def test_a_restriction_in_the_middle_keeps_what_is_on_the_screen(asked, open_browser):
    us, _ask, code, link = asked
    page = open_browser(viewport=PHONE, reduced_motion="reduce")
    go_in(page, link, code)
    words = page.get_by_label(WELL)
    FamilyLink.objects.filter(pk=us.link.pk).update(court_restriction="Order", restricted_from=TODAY)
    words.fill("Written too late.")
    expect(page.locator(".kw-draft").first).to_contain_text("Copy what you typed")
    expect(words).to_have_value("Written too late.")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link cannot be used")


def test_it_works_without_script(asked, open_browser):
    _, ask, code, link = asked
    page = open_browser(viewport=PHONE, java_script_enabled=False)
    go_in(page, link, code)
    page.get_by_role("button", name="Look at what you say").click()
    expect(page.get_by_role("alert")).to_contain_text("Write something first")
    page.get_by_label(WELL).fill("He laughs again.")
    page.get_by_role("button", name="Save and stop for now").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved.")
    expect(page.get_by_label(WELL)).to_have_value("He laughs again.")
    page.get_by_role("button", name="Look at what you say").click()
    page.get_by_role("button", name=re.compile("^Send to")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    ask.refresh_from_db()
    assert ask.answered_at
