"""A keyworker's day: log a contact in place, be interrupted, lose nothing."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contacts.models import HomeContact

from .conftest import DESK, PHONE
from .flows import (
    card_of,
    end_sessions,
    note,
    open_contact_form,
    sign_in,
    sign_out,
    type_note,
    wait_for_draft,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DUE = "Monday 7 December"  # 14 days after the day of the tests


def test_a_contact_in_three_taps_and_a_sentence(open_browser, site):
    """Signs in on a phone, logs a contact in the card, sees the new due date; is interrupted in the next."""
    pair = site.pair()
    page = open_browser(viewport=PHONE)
    sign_in(page, pair.user)
    assert page.url.endswith("/today/")
    card = card_of(page, pair.student)
    expect(card).to_contain_text("Thursday 26 November")  # the 27th is an INSET day

    # Three taps, the second with a sentence after it.
    card.get_by_role("link", name="Log contact").click()
    card.get_by_text("We spoke", exact=True).click()
    type_note(card, "Home is pleased with the climbing wall.")
    card.get_by_role("button", name="Save contact").click()

    expect(card.get_by_role("status")).to_contain_text("Contact saved.")
    expect(card).to_contain_text(f"next home contact is due {DUE}")
    assert page.url.endswith("/today/"), "the page was never left"
    saved = HomeContact.objects.get(student=pair.student, notes__contains="climbing wall")
    assert (saved.reached, saved.person_marked, saved.made_by) == ("spoke", True, pair.user)
    page.reload()
    expect(card_of(page, pair.student)).to_contain_text(DUE)

    # Half-way through another contact the bell rings.
    card = open_contact_form(page, pair.student)
    card.get_by_text("Message left", exact=True).click()
    type_note(card, "Rang about the trip, half a sent")
    sign_out(page)
    expect(page.locator("body")).not_to_contain_text("half a sent")
    sign_in(page, pair.user)
    card = open_contact_form(page, pair.student)
    expect(note(card)).to_have_value("Rang about the trip, half a sent")
    expect(card.get_by_label("Message left")).to_be_checked()
    assert HomeContact.objects.filter(student=pair.student).count() == 2, "a draft is no contact"


def test_a_session_that_ends_while_typing_loses_nothing(open_browser, site):
    """Saving on a lost session leads to sign-in, never into the card; the words are back afterwards."""
    pair = site.pair()
    page = open_browser(viewport=PHONE)
    sign_in(page, pair.user)
    card = open_contact_form(page, pair.student)
    card.get_by_text("We spoke", exact=True).click()
    type_note(card, "Mum would like a word about mornings.")
    wait_for_draft(card)
    end_sessions(page)
    card.get_by_role("button", name="Save contact").click()

    page.wait_for_url("**/accounts/login/**")
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("body")).to_contain_text("You were signed out to keep things private")
    expect(page.locator("body")).not_to_contain_text("mornings")
    sign_in(page, pair.user)
    page.goto("/today/")
    card = open_contact_form(page, pair.student)
    expect(note(card)).to_have_value("Mum would like a word about mornings.")


def test_a_preview_on_a_lost_session_leads_nobody_away(open_browser, site):
    """Ticking an answer asks for what home will see: nobody there says so, and one goes on typing."""
    us = site.pair("Wren")
    page = open_browser(us.user)
    path = reverse("contacts:log_contact", args=[us.student.pk])
    page.goto(path)
    page.locator("[name=notes]").press_sequentially("Half a")
    end_sessions(page)
    with page.expect_response(lambda answer: "hx-redirect" in answer.headers):
        page.get_by_label("We spoke").check()
    page.locator("[name=notes]").press_sequentially(" sentence.")
    expect(page.locator("[data-session=ended]")).to_be_visible()
    assert page.url.endswith(path)
    expect(page.locator("[name=notes]")).to_have_value("Half a sentence.")


def test_opening_a_card_on_a_lost_session_leads_to_sign_in(open_browser, site):
    pair = site.pair()
    page = open_browser(pair.user, viewport=PHONE)
    page.goto("/today/")
    end_sessions(page)
    card_of(page, pair.student).get_by_role("link", name="Log contact").click()
    page.wait_for_url("**/accounts/login/**")
    expect(page.locator("article")).to_have_count(0)


def test_no_connection_keeps_the_words_on_the_page(open_browser, site):
    pair = site.pair()
    page = open_browser(pair.user, viewport=PHONE)
    page.goto("/today/")
    card = open_contact_form(page, pair.student)
    card.get_by_text("We spoke", exact=True).click()
    page.context.set_offline(True)
    type_note(card, "Said while in the lift.")
    card.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("What you typed is still here").first).to_be_visible()
    expect(note(card)).to_have_value("Said while in the lift.")
    page.context.set_offline(False)
    open_browser.trouble.clear()  # htmx writes to the console that it could not send
    expect(card).to_contain_text("Contact saved.")  # sent by itself once there is a connection


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_without_script(open_browser, site, viewport):
    """The same contact on a page of its own; a refused save keeps what was typed; a draft is a button."""
    pair = site.pair()
    page = open_browser(viewport=viewport, java_script_enabled=False)
    sign_in(page, pair.user)
    card_of(page, pair.student).get_by_role("link", name="Log contact").click()
    note(page).fill("Rang at break.")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Save draft").click()
    page.goto("/today/")
    card_of(page, pair.student).get_by_role("link", name="Log contact").click()
    expect(note(page)).to_have_value("Rang at break.")
    page.get_by_role("button", name="Save contact").click()
    expect(page.locator(".kw-errors")).to_contain_text("Say whether you reached them")
    expect(note(page)).to_have_value("Rang at break.")
    page.get_by_label("We spoke", exact=True).check(force=True)
    page.get_by_role("button", name="Save contact").click()
    expect(page.locator("#messages")).to_contain_text("Contact saved.")
    expect(page.locator("#messages")).to_contain_text(DUE)
    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert HomeContact.objects.get(student=pair.student, notes="Rang at break.").voided_on is not None


def test_by_keyboard_alone(open_browser, site):
    """Tab, arrows, space and Enter; the focus is always seen and goes down the page; errors take it."""
    pair = site.pair()
    page = open_browser(pair.user)
    page.goto("/today/")
    card = card_of(page, pair.student)
    page.keyboard.press("Tab")
    assert _focused(page)["text"] == "Skip to the main content"
    page.keyboard.press("Enter")
    _tab_to(page, "Log contact")
    page.keyboard.press("Enter")
    expect(card.get_by_role("heading", name="Log a contact with home")).to_be_focused()
    # Pulled larger by its corner, it has a style of its own, which the policy lets nobody write into the next form.
    card.get_by_label("What was said").evaluate("(box) => { box.style.height = '9rem' }")
    _tab_to(page, "Save contact", in_order=True)
    page.keyboard.press("Enter")

    expect(card.locator(".kw-errors")).to_be_focused()
    expect(card.locator(".kw-errors")).to_contain_text("Say whether you reached them")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the link of the summary leads to the choices
    expect(card.get_by_label("We spoke", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    expect(card.get_by_label("We spoke", exact=True)).to_be_checked()
    _tab_to(page, "What was said")
    page.keyboard.type("All well at home.")
    _tab_to(page, "Save contact", in_order=True)
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Contact saved.")
    assert HomeContact.objects.filter(
        student=pair.student, notes="All well at home.", reached="spoke"
    ).exists()


def test_two_people_change_one_contact(open_browser, site):
    """The second to save sees both texts, and nothing is lost either way."""
    pair = site.pair()
    entry = HomeContact.objects.get(student=pair.student)
    pages = [open_browser(user) for user in (site.w.u_head, pair.user)]
    for page in pages:
        page.goto(f"/contacts/{entry.pk}/change/")
    first, second = pages
    note(first).fill("The head's words.")
    first.get_by_role("button", name="Save contact").click()
    expect(first.locator("#messages")).to_contain_text("Contact changed")

    note(second).fill("The keyworker's words.")
    second.get_by_role("button", name="Save contact").click()
    expect(second.get_by_role("alert").first).to_contain_text("changed “What was said” while you")
    expect(second.get_by_role("group", name="Head wrote")).to_contain_text("The head's words.")
    expect(note(second)).to_have_value("The keyworker's words.")
    entry.refresh_from_db()
    assert entry.notes == "The head's words."

    second.get_by_label("Save what stands in the field below").check()
    second.get_by_role("button", name="Save contact").click()
    expect(second.locator("#messages")).to_contain_text("Contact changed")
    expect(second.get_by_role("article").first).to_contain_text("The keyworker's words.")
    expect(second.get_by_role("region", name="Versions")).to_contain_text("The head's words.")


FOCUSED = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect(), look = getComputedStyle(it);
  const label = it.labels && it.labels.length ? it.labels[0] : null;
  const ring = [it, label, it.closest("label"), label && label.previousElementSibling]
    .filter(Boolean).some((part) => { const s = getComputedStyle(part); return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0; });
  return { text: ((label || it).innerText || it.value || it.getAttribute("aria-label") || "").trim(),
           top: box.top + scrollY, left: box.left, ring, tag: it.tagName };
}"""


def _focused(page) -> dict:
    return page.evaluate(FOCUSED)


def _tab_to(page, text: str, *, in_order: bool = False) -> None:
    """Press Tab until something with these words has the focus."""
    tops, seen = [], []
    for _ in range(60):
        page.keyboard.press("Tab")
        here = _focused(page)
        assert here["tag"] != "BODY", f"the end of the page was reached before “{text}”, after {seen}"
        seen.append(here["text"])
        assert here["ring"], f"nobody sees that {here} has the focus"
        tops.append(here["top"])
        if here["text"].startswith(text):
            break
    else:
        raise AssertionError(f"“{text}” was never reached")
    if in_order:
        assert tops == sorted(tops), "the focus jumps back up the page"
