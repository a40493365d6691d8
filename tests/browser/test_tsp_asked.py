"""A professional outside the school gives their view by a link on a phone; then the link ends."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from playwright.sync_api import expect

from enquiries.actions import new_link
from enquiries.models import Enquiry
from keywork import clock
from tests.tsp import factories as make
from tests.tsp.factories import TERM
from tsp.enquiries.actions import ask_outside

from .axe import faults_here
from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def link_in(message) -> str:
    return re.search(r"https?://[^/\s]+(/enquiries/link/[\w-]+/)", message.body)[1]


@pytest.fixture
def asked(site):
    """Asked about a student of their own: the ask, its code and its link."""
    us = site.pair("Wren")
    ask, code = ask_outside(
        by=us.user,
        student=us.student,
        term=TERM,
        name="Hollis Quarmby",
        role="Speech therapist",
        email=f"hollis{us.student.pk}@outside.example",
        areas=["flexibility", "communicating"],
        question="What helped in the group on Tuesdays?",
        days=7,
    )
    [message] = [one for one in mail.outbox if one.to == [ask.email]]
    return us, ask, code, link_in(message)


def go_in(page, link: str, code: str) -> None:
    page.goto(link)
    page.get_by_label("Code of six digits").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your view of Wren")


def test_somebody_outside_answers_on_a_phone_and_the_link_ends(asked, open_browser):
    us, ask, code, link = asked
    page = open_browser(viewport=PHONE, reduced_motion="reduce")
    page.goto(link)
    assert faults_here(page) == []
    page.get_by_label("Code of six digits").fill("12")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the code")
    assert faults_here(page) == []
    go_in(page, link, f"{code[:3]} {code[3:]}")
    assert faults_here(page) == []
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert us.student.surname not in page.content()

    works = page.get_by_label("Strategies that worked")
    works.press_sequentially("A first step on a note.", delay=2)
    expect(page.locator(".kw-draft").first).to_contain_text("Saved at")
    page.close()  # the phone rings; later, elsewhere, it is still there

    later = open_browser(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
    go_in(later, link, code)
    expect(later.get_by_label("Strategies that worked")).to_have_value("A first step on a note.")
    assert later.evaluate("document.documentElement.scrollWidth") == 320
    later.get_by_text("Flexibility and coping with change", exact=True).last.click()
    later.get_by_role("button", name="Look at what you say").click()
    expect(later.get_by_role("heading", level=1)).to_have_text("This is what you say")
    assert faults_here(later) == []
    later.get_by_role("button", name="Hand it in").click()
    expect(later.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert faults_here(later) == []
    ask.refresh_from_db()
    told = {one.field: one.value for one in make.sheet_of(ask).answers.all()}
    assert told["what-works"] == "A first step on a note."
    assert told["areas-seen"] == ["flexibility"] and told["role"] == "Speech therapist"
    assert ask.answered_at and make.sheet_of(ask).author_words == "Hollis Quarmby, Speech therapist"

    later.goto(link)
    expect(later.get_by_role("heading", level=1)).to_have_text("This link cannot be used")
    assert faults_here(later) == []


def test_an_ended_link_opens_nothing_and_keeps_what_is_on_the_screen(asked, open_browser):
    us, ask, code, link = asked
    page = open_browser(viewport=PHONE, reduced_motion="reduce")
    go_in(page, link, code)
    words = page.get_by_label("Strategies that worked")
    words.fill("Kept in time.")
    expect(page.locator(".kw-draft").first).to_contain_text("Saved at")

    now = clock.now()
    Enquiry.objects.filter(pk=ask.pk).update(asked_at=now - timedelta(days=8), expires_at=now)
    words.fill("Written too late.")
    expect(page.locator(".kw-draft").first).to_contain_text("Copy what you typed")
    expect(words).to_have_value("Written too late.")
    ask.refresh_from_db()
    assert make.sheet_of(ask).answers.get(field="what-works").value == "Kept in time."
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link cannot be used")

    code = new_link(by=us.user, enquiry=ask, days=7)
    go_in(page, link_in(mail.outbox[-1]), code)
    expect(page.get_by_label("Strategies that worked")).to_have_value("Kept in time.")


def test_it_works_without_script(asked, open_browser):
    _, ask, code, link = asked
    page = open_browser(viewport=PHONE, java_script_enabled=False)
    go_in(page, link, code)
    page.get_by_label("Strategies that worked").fill("A note first.")
    page.get_by_role("button", name="Keep for later").click()
    expect(page.get_by_role("status").first).to_contain_text("Kept.")
    expect(page.get_by_label("Strategies that worked")).to_have_value("A note first.")
    page.get_by_role("button", name="Look at what you say").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is what you say")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    ask.refresh_from_db()
    assert ask.answered_at
