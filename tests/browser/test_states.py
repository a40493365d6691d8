"""Pages in the middle of something: a form open, refused, a dialog asking, a drawer out, a "why?" answered."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contacts.models import HomeContact
from keywork.sessions import RENEWED, SessionStore

from .axe import faults_here
from .conftest import DESK, PHONE
from .flows import card_of, note, open_contact_form, sign_in, wait_for_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_card_open_refused_and_saved(site, reading):
    pair = site.pair()
    page = reading(pair.user)
    page.goto("/today/")
    card = open_contact_form(page, pair.student)
    card.get_by_text("Change who, how or when").click()
    assert faults_here(page) == []
    card.get_by_role("button", name="Save contact").click()
    expect(card.locator(".kw-errors")).to_be_visible()
    assert faults_here(page) == []
    card.get_by_text("We spoke", exact=True).click()
    card.get_by_role("button", name="Save contact").click()
    expect(card).to_contain_text("Contact saved.")
    assert faults_here(page) == []
    card.get_by_role("link", name="Undo").click()
    expect(page.get_by_text("crossed").first).to_be_visible()

    card = card_of(page, pair.student)
    card.get_by_role("link", name="Log session").click()
    expect(card.get_by_role("button", name="Save session")).to_be_visible()
    assert faults_here(page) == []
    card.get_by_role("link", name="Close").click()
    expect(card.get_by_role("link", name="Log contact")).to_be_focused()


def test_home_sees_the_words_as_they_come_to_be(site, open_browser):
    pair = site.pair()
    page = open_browser(pair.user, PHONE)
    page.goto("/today/")
    card = open_contact_form(page, pair.student)
    expect(card.locator(".kw-preview")).not_to_contain_text("Home will see")
    card.get_by_text("No answer", exact=True).click()
    expect(card.locator(".kw-preview")).to_contain_text("tried to ring you")
    expect(card.get_by_text("Going well", exact=True)).to_be_hidden()
    card.get_by_text("We spoke", exact=True).click()
    expect(card.locator(".kw-preview")).to_contain_text("spoke with you")
    expect(card.get_by_text("Going well", exact=True)).to_be_visible()
    card.get_by_text("Share a summary with home").click()
    expect(card.locator(".kw-preview")).to_contain_text("Home will see")
    card.get_by_role("button", name="Save contact").click()
    expect(card).to_contain_text("Contact saved.")
    saved = HomeContact.objects.filter(student=pair.student).latest("pk")
    assert saved.shared and saved.shared_summary


def test_crossing_out_asks_for_a_reason_in_place(site, reading):
    pair = site.pair()
    entry = HomeContact.objects.get(student=pair.student)
    page = reading(pair.user)
    page.goto(reverse("contacts:contact", args=[entry.pk]))
    page.get_by_role("link", name="Cross out").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert faults_here(page) == []
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Cross out").click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Cross out").click()
    dialog.get_by_label("Reason").fill("Logged for the wrong student")
    dialog.get_by_role("button", name="Cross out").click()
    expect(page.get_by_text("Logged for the wrong student").first).to_be_visible()
    entry.refresh_from_db()
    assert entry.void_reason == "Logged for the wrong student"


def test_why_and_the_drawer(site, reading):
    site.pair("Bea", spoke_days_ago=40)
    page = reading(site.w.u_head)
    page.goto("/oversight/")
    for why in page.locator("details.kw-why > summary").all()[:3]:
        why.click()
    expect(page.locator("details.kw-why[open]").first).to_be_visible()
    assert faults_here(page) == []
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Assignments")).to_be_visible()
    assert faults_here(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Assignments")).to_be_hidden()


def test_filters_work_by_link_and_form(site, open_browser):
    pair = site.pair("Cosima", spoke_days_ago=40)
    page = open_browser(site.w.u_head, java_script_enabled=False)
    page.goto("/oversight/?show=everyone")
    expect(page.get_by_role("row").filter(has_text=pair.student.name)).to_contain_text("days over")
    page.locator(".kw-counter").first.click()
    expect(page.locator(".kw-counter[aria-current]")).to_have_count(1)


def test_what_was_sent_after_the_half_hour_waits(site, reading):
    """An idle session ends while a note is being changed: the words wait behind the sign-in, to be saved."""
    pair = site.pair()
    entry = HomeContact.objects.get(student=pair.student)
    page = reading(pair.user)
    page.goto(reverse("contacts:amend_contact", args=[entry.pk]))
    note(page).fill("Rewritten during a long lunch.")
    wait_for_draft(page)  # or the late draft would be what waits
    session = SessionStore(
        next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    )
    session[RENEWED] -= 31 * 60
    session.save()
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("You were signed out to keep things private")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("long lunch")
    sign_in(page, pair.user)
    expect(page.get_by_text("Rewritten during a long lunch.")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_role("button", name="Save it now").click()
    expect(page.locator("#messages")).to_contain_text("Contact changed")
    entry.refresh_from_db()
    assert entry.notes == "Rewritten during a long lunch."


def test_the_head_of_a_record_is_short_on_a_phone(site, open_browser):
    """Name, who, Read first and one line that opens the tabs: under 200 px. On a desk the tabs stand open."""
    pair = site.pair("Odile")
    pair.student.read_first = (
        "Ring her mum before 5 pm and leave no details on the house phone. Nut allergy: two pens."
    )
    pair.student.save()
    page = open_browser(pair.user, PHONE)
    page.goto(reverse("students:record", args=[pair.student.pk]))
    assert page.locator(".kw-who").bounding_box()["height"] < 200
    tabs = page.get_by_role("navigation", name=pair.student.name)
    expect(tabs.get_by_role("link", name="People")).to_be_hidden()
    tabs.locator("summary").focus()
    page.keyboard.press("Enter")
    tabs.get_by_role("link", name="People").click()
    page.wait_for_url("**/people/")
    expect(tabs.locator("summary")).to_contain_text("People")
    page.set_viewport_size(DESK)
    expect(tabs.get_by_role("link", name="Timeline")).to_be_visible()
    expect(tabs.locator("summary")).to_be_hidden()


def _minutes_ago(page, minutes: int) -> None:
    """The session was last used so long ago; the page looks again, as it would by then."""
    [key] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid"]
    session = SessionStore(key)
    session[RENEWED] -= minutes * 60
    session.save()
    page.clock.fast_forward("28:01")


def test_the_end_is_said_beforehand_and_put_off(site, reading):
    pair = site.pair()
    page = reading(pair.user)
    page.clock.install()
    page.goto("/me/")
    page.get_by_label("Phone").fill("01632 960 184")
    _minutes_ago(page, 29)
    expect(page.get_by_text("You will be signed out in two minutes")).to_be_in_viewport()
    assert faults_here(page) == []
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_text("You will be signed out in two minutes")).to_have_count(0)
    expect(page.get_by_label("Phone")).to_be_focused()


def test_when_it_has_ended_the_page_says_so_and_what_was_typed_is_back(site, reading):
    pair = site.pair()
    page = reading(pair.user)
    page.clock.install()
    page.goto("/me/")
    page.get_by_label("Phone").fill("01632 960 185")
    _minutes_ago(page, 31)
    expect(page.get_by_text("You are signed out")).to_be_in_viewport()
    page.get_by_role("link", name="Sign in again").click()
    expect(page.get_by_text("What you sent is kept")).to_be_visible()
    sign_in(page, pair.user)
    expect(page.get_by_text("01632 960 185")).to_be_visible()
