"""A meeting whose action reaches its owner's Today, and an induction that ticks itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from care.checklists.actions import start
from care.models import Point
from keywork import clock
from tests import world as cast

from .axe import faults_here
from .conftest import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_agreed_in_a_meeting_stands_on_today(site, open_browser):
    pair = site.pair("Meta")
    mentor = cast.make_user(f"mentor_of_meeting_{pair.student.pk}", "staff")
    cast.assign(pair.student, mentor, "mentor")
    page = open_browser(pair.user, viewport=PHONE)
    page.goto(f"/students/{pair.student.pk}/meetings/")
    page.get_by_role("link", name="A new meeting").click()
    page.get_by_role("button", name="House meeting").click()
    expect(page.get_by_label("Agenda")).to_have_value("How it goes in the house\nWhat we do next")
    page.get_by_label(mentor.name).check()
    assert faults_here(page) == []
    page.get_by_role("button", name="Save the meeting").click()
    page.get_by_role("link", name="Write the minutes").click()
    page.get_by_label("How it goes in the house").fill("She sleeps better since the fan is there.")
    page.get_by_role("button", name="Save the minutes").click()
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("What will be done").fill("Buy a second fan")
    page.get_by_label("Who").select_option(label=mentor.name)
    page.get_by_label("By").fill((clock.today() + timedelta(days=2)).isoformat())
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Buy a second fan")).to_be_visible()
    assert faults_here(page) == []

    owner = open_browser(mentor)
    owner.goto("/today/")
    owner.get_by_role("link", name="Buy a second fan").click()
    owner.get_by_label("Done", exact=True).check()
    owner.get_by_label("What came of it").fill("It hums quietly.")
    owner.get_by_role("button", name="Save", exact=True).click()
    expect(owner.get_by_text("Saved.").first).to_be_visible()
    owner.goto("/today/")
    expect(owner.get_by_role("link", name="Buy a second fan")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("It hums quietly.")).to_be_visible()


def test_an_induction_that_ticks_itself(site, open_browser):
    pair = site.pair("Indra", spoke_days_ago=None)
    made = start(by=pair.user, student=pair.student, slug="induction")
    waits = Point.objects.open().filter(checklist=made)
    page = open_browser(pair.user, viewport=PHONE)
    page.goto(f"/students/{pair.student.pk}/lists/{made.pk}/")
    first = page.get_by_role("region", name="Still to do").get_by_text("First contact with home").first
    expect(first).to_be_visible()
    assert faults_here(page) == []
    before = waits.count()
    page.goto(f"/students/{pair.student.pk}/contacts/new/")
    page.get_by_label("We spoke").check()
    page.get_by_label("What was said").fill("All is well at home.")
    page.get_by_role("button", name="Save contact").click()
    page.wait_for_url(lambda url: "contacts/new" not in url)
    page.goto(f"/students/{pair.student.pk}/lists/{made.pk}/")
    done = page.get_by_role("region", name="Done")
    expect(done.get_by_text("First contact with home", exact=False).first).to_be_visible()
    expect(done).to_contain_text("Ticked itself")
    assert waits.count() == before - 1
    page.get_by_role("button", name=re.compile("Done.*Shown round the school")).click()
    expect(page.get_by_text("Ticked: Shown round the school.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Take back.*Shown round the school")).click()
    expect(page.get_by_text("It is open again.")).to_be_visible()
