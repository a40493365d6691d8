"""A plan that changes asks everybody again, and a filed document is found by its words; in Chromium."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from care.documents.actions import read_text
from care.models import FiledDocument
from reports.rendering import pdf
from tests import world as cast

from .axe import faults_here
from .flows import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_risk_plan_changes_and_asks_all_again(site, open_browser):
    us = site.pair("Juniper")
    team = [cast.make_user(f"juniper_{kind}", "staff") for kind in ("deputy", "mentor", "core")]
    for user, kind in zip(team, ("deputy", "mentor", "core"), strict=True):
        cast.assign(us.student, user, kind)
    url, write = (reverse(f"care:{name}", args=[us.student.pk, "risk"]) for name in ("kept", "kept_write"))
    page = open_browser()
    sign_in(page, us.user)

    def version(number: int, words: str, why: str) -> None:
        page.goto(write)
        page.get_by_label("What we do", exact=True).fill(words)
        page.get_by_label("Why this version").fill(why)
        day = cast.TODAY + timedelta(days=20 + number)
        page.get_by_label("To be looked at again by").fill(day.isoformat())
        page.get_by_role("button", name="Save this version").click()
        expect(page.get_by_text(f"Version {number} of the Risk profile")).to_be_visible()
        expect(page.get_by_text("3 colleagues are asked to read it")).to_be_visible()

    for number, words in enumerate(("Wait.", "Wait by the door.", "Wait by the door, quietly."), 1):
        version(number, words, f"Reason {number}.")
    for user in team[:2]:
        theirs = open_browser()
        sign_in(theirs, user)
        expect(theirs.get_by_text("One plan waits to be read by you.")).to_be_visible()
        theirs.get_by_role("link", name="Juniper", exact=True).first.click()
        expect(theirs.get_by_text("What changed since version 2")).to_be_visible()
        theirs.get_by_role("button", name="I have read version 3").click()
        expect(theirs.get_by_text("Noted: you have read version 3")).to_be_visible()
        assert theirs.get_by_role("button", name="I have read version 3").count() == 0
    page.goto(url)
    expect(page.get_by_text("3 of 4 have read it.")).to_be_visible()
    version(4, "Wait in the hall.", "The door is locked now.")
    expect(page.get_by_text("1 of 4 have read it.")).to_be_visible()
    theirs.goto(url)
    expect(theirs.get_by_text("Read version 3 on").first).to_be_visible()
    expect(theirs.get_by_role("button", name="I have read version 4")).to_be_visible()
    assert faults_here(theirs) == []


def test_a_document_is_filed_and_found(site, open_browser):
    us = site.pair("Linnet")
    page = open_browser()
    sign_in(page, us.user)
    page.goto(reverse("care:document_add", args=[us.student.pk]))
    page.get_by_label("Report from outside school").check()
    page.get_by_label("Title").fill("Hearing report")
    page.get_by_label("From whom").fill("Dr Wystan Quill, audiologist")
    page.get_by_label("Date on it").fill(cast.TODAY.isoformat())
    paper = '<!doctype html><html lang="en-GB"><head><title>A</title></head><body><p>Hears birdsong only.</p></body></html>'
    page.get_by_label("The file").set_input_files(
        {"name": "report.pdf", "mimeType": "application/pdf", "buffer": pdf(paper).content}
    )
    page.get_by_role("button", name="File it").click()
    expect(page.get_by_text("“Hearing report” is filed.")).to_be_visible()
    read_text(FiledDocument.objects.get(student=us.student).pk)
    page.goto(f"{reverse('portal:search')}?q=birdsong")
    page.get_by_role("link", name="Report from outside school").click()
    expect(page.get_by_role("heading", name="Hearing report")).to_be_visible()
    assert faults_here(page) == []
