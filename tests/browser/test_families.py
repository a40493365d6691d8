"""What a parent on a phone and a student at a school laptop come for."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, expect

from contacts.models import HomeContact
from keywork.school import load
from reports.actions import order_batch, release
from students.models import FamilyLink
from tests.home.test_progress_at_home import give_out
from tests.tsp.factories import TERMS, make_history
from tests.world import assign, make_student, make_user

from .axe import faults_here
from .conftest import DESK, PHONE
from .flows import sign_in
from .hands import HEIGHT, WIDER, WIDTHS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def family(site):
    """Ivo's mother has an account, one summary and one released report; another entry is not hers to read."""
    pair = site.pair("Ivo")
    pair.parent = pair.link.member.user = make_user(f"mother_of_{pair.student.pk}", "family")
    pair.link.member.save()
    HomeContact.objects.filter(student=pair.student).update(
        shared=True, shared_summary="We spoke about the week. Ivo likes the workshop."
    )
    term = load().calendar.term_on(site.w.today)
    batch = order_batch(kind="keeping-in-touch", term=term.id, students=[pair.student], by=site.w.u_head)
    assert release(reports=batch.reports.all(), by=site.w.u_head).reports == 1
    return pair


def test_parent_on_a_phone(site, open_browser, family):
    page = open_browser(viewport=PHONE)
    sign_in(page, family.parent)
    assert page.url.endswith("/home/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ivo")
    expect(page.get_by_role("heading", name=family.user.name)).to_be_in_viewport()
    expect(page.get_by_role("link", name="Write to")).to_have_attribute(
        "href", re.compile(r"^/child/\d+/messages/$")
    )
    talked = page.get_by_role("region", name="When we were in touch")
    expect(talked).to_contain_text("Ivo likes the workshop.")
    expect(talked).to_contain_text("Friday 13 November")
    expect(page.locator("body")).not_to_contain_text("Spoke about the week.")  # the note is the school's

    link = page.get_by_role("region", name="Reports").get_by_role("link").first
    answer = page.context.request.get(link.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-") and len(answer.body()) > 5000
    page.goto(reverse("students:record", args=[family.student.pk]))
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot see this")


def test_progress_in_pictures_and_words(site, open_browser, family):
    """Nothing yet, one term, and two years of them: at each width, in light and in dark."""
    page = open_browser(family.parent, PHONE, reduced_motion="reduce")
    member, by = family.link.member, family.user

    def looked_at() -> Locator:
        page.goto(reverse("portal:family_progress", args=[family.student.pk]))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert not page.evaluate(WIDER), width
        return page.get_by_role("region", name="Term by term")

    expect(looked_at()).to_contain_text("When you have a report on how a term went")
    make_history(family.student, by, terms=TERMS[4:5])
    give_out(family.student, by, TERMS[4], member)
    expect(looked_at()).to_contain_text("Spring term 2025/26, at the end")
    make_history(family.student, by, terms=TERMS[:4])
    for term in TERMS[:4]:
        give_out(family.student, by, term, member)
    terms = looked_at()
    expect(terms).to_contain_text("Autumn term 2024/25, at the start")
    terms.locator("summary", has_text="Show as a table").focus()
    page.keyboard.press("Enter")
    expect(terms.get_by_role("table").get_by_role("row")).to_have_count(10)
    assert faults_here(page) == []


def test_parent_without_script(site, open_browser, family):
    page = open_browser(family.parent, PHONE, java_script_enabled=False)
    page.goto("/home/")
    page.get_by_text("Menu", exact=True).click()  # the drawer needs no script
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    FamilyLink.objects.create(
        student=site.pair("Wim").student, member=family.link.member, relationship="aunt"
    )
    page.goto("/me/")
    page.get_by_role("link", name="This worries me").click()
    assert not page.evaluate(WIDER)
    page.get_by_role("link", name="Wim").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This worries me about Wim")


def test_student_reads_their_own_page(site, open_browser):
    user, keyworker = make_user("wren", "student"), make_user("kit_hollis", "staff")
    assign(make_student("Wren", "Ashgrove", user=user), keyworker)
    page = open_browser(viewport=DESK)
    sign_in(page, user)
    assert page.url.endswith("/my-page/")
    expect(page.get_by_role("heading", name="My keyworker is Kit")).to_be_visible()
    expect(page.get_by_role("link", name="Ask for a chat")).to_be_visible()
    # "Read it to me" stands there where the device can speak, and nowhere else.
    can_speak = page.evaluate("'speechSynthesis' in window")
    assert page.get_by_role("button", name="Read it to me").first.is_visible() is can_speak
    page.get_by_text("I would like a different keyworker").click()
    expect(page.get_by_text("Nobody will be cross.")).to_be_visible()
