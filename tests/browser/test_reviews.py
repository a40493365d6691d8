"""A review in Chromium: from its date to the papers, with the talk before it and advice that is late."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from playwright.sync_api import expect

from care.models import ReviewPerson
from keywork import clock
from tests.access.records import outcome, plan

from .axe import faults_here
from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def link_in(address: str) -> str:
    [*_, message] = [one for one in mail.outbox if one.to == [address]]
    return re.search(r"https?://[^/\s]+(/enquiries/link/\S+)", message.body)[1]


def code_on(page) -> str:
    """The code that the page shows once what was sent is answered."""
    code = re.compile(r"\b(\d{3} \d{3})\b")
    expect(page.locator("main")).to_contain_text(code)
    return code.search(page.locator("main").inner_text())[1]


def enter(page, address: str, code: str) -> None:
    page.goto(link_in(address))
    page.get_by_label("Code of six digits").fill(code)
    page.get_by_role("button", name="Go on").click()


def test_a_review_from_its_date_to_its_papers(site, open_browser):
    us = site.pair("Wilf")
    outcome(plan(us.student, us.user))
    today = clock.today()
    page = open_browser(us.user, viewport=DESK, reduced_motion="reduce")
    page.goto(f"/students/{us.student.pk}/plan/")
    page.get_by_role("link", name="Reviews of the plan").click()
    page.get_by_role("link", name="Set the date of the review").click()
    assert faults_here(page) == []
    page.get_by_label("Date of the meeting").fill((today + timedelta(days=15)).isoformat())
    page.get_by_role("button", name="Save the date").click()
    expect(page.get_by_role("alert").first).to_contain_text("Write the time it begins")
    page.get_by_label("At", exact=True).fill("14:00")
    page.get_by_role("button", name="Save the date").click()
    expect(
        page.get_by_role("heading", level=2, name="EHC plan review, Tuesday 8 December at 2 pm")
    ).to_be_visible()
    review_url = page.url

    # Somebody outside says first that they come; their advice is late.
    address = f"abara{us.student.pk}@nhs.example"
    page.get_by_role("link", name="health", exact=True).click()
    expect(page.get_by_label("Whom")).to_have_value("health")
    page.get_by_label(re.compile(r"^\s*Name")).fill("Dr Ines Abara")
    page.get_by_label("Work e-mail address").fill(address)
    assert faults_here(page) == []
    page.get_by_role("button", name="Invite or ask").click()
    code = code_on(page)
    theirs = open_browser(None, viewport=PHONE, reduced_motion="reduce")
    enter(theirs, address, code)
    expect(theirs.get_by_role("heading", level=1)).to_have_text("The review of Wilf’s plan")
    expect(theirs.locator("body")).not_to_contain_text(us.student.surname)
    assert faults_here(theirs) == []
    theirs.get_by_label("Coming", exact=True).check()
    theirs.get_by_role("button", name="Save, and come back for the rest").click()
    expect(theirs.get_by_text("You can come back to it")).to_be_visible()
    ReviewPerson.objects.filter(email=address).update(advice_by=today - timedelta(days=3))
    page.goto(review_url)
    people = page.get_by_role("region", name="Who is coming")
    expect(people.get_by_text("Coming", exact=True)).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Dr Ines Abara"))
    expect(row).to_contain_text("Late")
    assert faults_here(page) == []

    # Asked again, they write; it is in, and late. The papers go.
    row.get_by_role("link", name="Ask again").click()
    page.get_by_role("button", name="Send a new link").click()
    enter(theirs, address, code_on(page))
    theirs.get_by_role("button", name="Send the advice").click()
    expect(theirs.get_by_role("alert").first).to_contain_text("Write something first")
    theirs.get_by_label("What helps").fill("A quiet room")
    theirs.get_by_role("button", name="Send the advice").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.goto(review_url)
    expect(row).to_contain_text("In, late")
    page.get_by_role("link", name=re.compile("^They are sent")).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#step-papers")).to_contain_text("Done")

    # The talk with home: agreed, held, and counted.
    page.get_by_role("link", name="Agree a time").click()
    expect(page.get_by_text("What Keywork knows today")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_label("Date", exact=True).fill(today.isoformat())
    page.get_by_label("At", exact=True).fill("09:15")
    page.get_by_label("How many minutes it lasted").fill("30")
    page.get_by_label("Agreed strategies").fill("Five minutes’ warning at home, too")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#step-talk")).to_contain_text("more than 14 days before the review")
    page.get_by_role("link", name="Move the review").click()
    page.get_by_label("Date of the meeting").fill((today + timedelta(days=14)).isoformat())
    page.get_by_role("button", name="Move the review").click()
    expect(page.locator("#step-talk")).to_contain_text("Done")
    page.set_viewport_size(PHONE)
    assert faults_here(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
