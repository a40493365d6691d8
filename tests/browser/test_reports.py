"""A report from its first line to the family: written, sent back, approved, released, opened, and who cannot."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from contacts.models import ContactHold
from keywork import clock
from reports.kinds import KINDS
from reports.models import Recipient, Report
from tests import world as cast
from tests.reports.test_paper import approved
from tests.world import make_user

from .axe import faults_here

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_written_sent_back_approved_released_and_opened(site, open_browser):
    pair = site.pair("Runa")
    student, mother = pair.student, make_user("runas_mother", "family")
    pair.link.member.user = mother
    pair.link.member.save()
    shut_out = make_user("runas_father", "family")
    father = cast.make_family(
        student, "Aske", student.surname, court_restriction="No contact.", restricted_from=clock.today()
    )
    father.member.user = shut_out
    father.member.save()

    page = open_browser(pair.user)
    page.goto(f"/reports/students/{student.pk}/")
    page.get_by_role("link", name="Write a report").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Send to be checked").click()
    expect(page.get_by_text("Nothing is written yet in")).to_be_visible()
    for section, words in (
        ("In my words", "I like art."),
        ("What has gone well", "She asked for help by herself."),
        ("Being here and joining in", "Runa was here each day."),
        ("Next term", "Swimming, with a friend."),
        ("What home can do", "Ask who she sat with at lunch."),
    ):
        page.get_by_role("link", name=f"Write “{section}”").click()
        page.get_by_label("Add lines in your own words").fill(words)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text(words)).to_be_visible()
    page.get_by_role("button", name="Send to be checked").click()
    expect(page.get_by_text("Sent to be checked. You can")).to_be_visible()
    address = page.url

    checking = open_browser(site.w.u_coordinator)
    checking.goto("/reports/writing/")
    checking.get_by_role("link", name=student.name).click()
    checking.get_by_label("What to change").fill("When was that?")
    checking.get_by_role("button", name="Send it back").click()
    expect(checking.get_by_text("Sent back, with your words")).to_be_visible()

    page.goto(address)
    expect(page.get_by_text("When was that?").first).to_be_visible()
    page.get_by_role("link", name="Write “What has gone well”").click()
    page.get_by_label(re.compile("Line 1")).fill("In October she asked for help by herself.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Send to be checked").click()

    checking.goto(address)
    expect(checking.get_by_text("In October she asked")).to_be_visible()
    checking.get_by_role("button", name="Approve").click()
    expect(checking.get_by_text("Approved.")).to_be_visible()
    report = Report.objects.get(student=student)
    assert report.is_whole() and report.pages

    hold = ContactHold.objects.create(
        student=student,
        starts_on=clock.today(),
        ends_on=clock.today(),
        reason="Held.",
        placed_by=site.w.u_dsl,
        placed_at=clock.now(),
    )
    checking.goto(f"/reports/{report.pk}/release/")
    expect(checking.get_by_role("button", name=re.compile("^Release"))).to_have_count(0)
    assert not Recipient.objects.filter(report=report).exists()
    hold.delete()
    checking.reload()
    checking.get_by_role("button", name=re.compile("^Release")).click()
    assert {one.member.user for one in Recipient.objects.filter(report=report)} == {mother}

    home = open_browser(mother)
    home.goto("/home/")
    expect(home.get_by_role("link", name=re.compile("report for home", re.I)).first).to_be_visible()
    assert home.request.get(f"{site.url}/reports/{report.pk}/home/").status == 200
    checking.goto(f"/reports/students/{student.pk}/")
    expect(checking.get_by_text(re.compile("opened on"))).to_be_visible()

    phone = open_browser(mother, viewport={"width": 320, "height": 640}, java_script_enabled=False)
    phone.goto("/home/")
    phone.get_by_role("link", name="Say what you think of it").first.click()
    phone.get_by_label("What do you want to say?").fill("The art is right. She swims, too.")
    phone.get_by_role("button", name="Look at it, then send").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("This is what you say")
    phone.get_by_role("button", name=re.compile("^Send to")).click()
    expect(phone.get_by_text("Sent. School reads it")).to_be_visible()
    home.goto(phone.url)
    assert faults_here(home) == []
    home.get_by_label("What do you want to say?").fill("And thank you.")
    home.get_by_role("button", name="Look at it, then send").click()
    assert faults_here(home) == []
    home.set_viewport_size({"width": 320, "height": 640})
    assert home.evaluate("document.documentElement.scrollWidth") == 320
    page.goto(f"/reports/students/{student.pk}/")
    expect(page.get_by_text("She swims, too.")).to_be_visible()
    assert faults_here(page) == []

    elsewhere = open_browser(shut_out)
    for path in (
        f"{report.pk}/home/",
        f"{report.pk}/comment/",
        f"{report.pk}/pdf/",
        f"{report.pk}/word/",
        f"writing/{report.batch_id}/",
    ):
        assert elsewhere.request.get(f"{site.url}/reports/{path}").status in (403, 404)


def test_somebody_outside_gets_a_report_by_link_and_code(site, open_browser):
    pair = site.pair("Isko")
    approved(KINDS["annual-review"], pair.student, site.w.u_coordinator)
    report = Report.objects.get(student=pair.student)
    assert report.is_whole()
    page = open_browser(site.w.u_coordinator)
    page.goto(f"/reports/{report.pk}/release/")
    page.get_by_role("link", name="People outside who get this").click()
    assert faults_here(page) == []
    page.get_by_label("Name").fill("Hollis Quarmby")
    page.get_by_label("Role").fill("SEN officer")
    page.get_by_label("Work e-mail address").fill("hollis@authority.example")
    page.get_by_role("button", name="Put them on the list").click()
    expect(page.get_by_text("Hollis Quarmby is on the list")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_role("button", name=re.compile("^Release")).click()
    code = page.locator(".kw-code").inner_text()
    assert faults_here(page) == []
    [message] = [one for one in mail.outbox if one.to == ["hollis@authority.example"]]
    link = re.search(r"https?://[^/\s]+(/reports/sent/[\w-]+/)", message.body)[1]

    outside = open_browser(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    outside.goto(link)
    expect(outside.get_by_role("navigation")).to_have_count(0)
    assert pair.student.known_as not in outside.content()
    outside.get_by_label("Code of six digits").fill(code)
    outside.get_by_role("button", name="Go on").click()
    expect(outside.get_by_role("heading", level=1)).to_have_text("A document for you")
    address = outside.get_by_role("link", name=re.compile("Open it")).get_attribute("href")
    answer = outside.request.get(f"{site.url}{address}")
    with report.pdf.open("rb") as frozen:
        assert answer.body() == frozen.read()
    seen = open_browser(viewport={"width": 320, "height": 640})
    seen.goto(link)
    assert faults_here(seen) == []
    seen.get_by_label("Code of six digits").fill(code)
    seen.get_by_role("button", name="Go on").click()
    expect(seen.get_by_role("heading", level=1)).to_have_text("A document for you")
    assert faults_here(seen) == []
    assert seen.evaluate("document.documentElement.scrollWidth") == 320
    page.goto(f"/reports/{report.pk}/outside/")
    expect(page.get_by_text(re.compile("Opened on"))).to_be_visible()
    page.get_by_role("button", name="Take back").click()
    assert outside.request.get(f"{site.url}{address}").status == 404
