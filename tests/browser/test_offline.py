"""Without signal: what is sent waits in its page and goes once; nothing of anybody stays on the device."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Page, expect

from contacts.models import HomeContact

from .conftest import PHONE
from .flows import card_of, end_sessions, note, sign_in, wait_until
from .hands import HEIGHT, WIDER, WIDTHS
from .test_every_page import faults_here

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALWAYS_ONLINE = "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => true })"

STORED = """async () => {
  const found = { local: { ...localStorage }, session: { ...sessionStorage }, caches: {} };
  found.databases = (await indexedDB.databases()).map((one) => one.name);
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      found.caches[new URL(request.url).pathname] = await (await caches.match(request)).text();
  return found;
}"""


def in_charge(page: Page) -> None:
    """Until the service worker answers for this page."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def stored(page: Page) -> dict:
    """All that the browser keeps of the site beside its cookies."""
    return page.evaluate(STORED)


def forgive(open_browser) -> None:
    """htmx complains of each request that the cut took away."""
    open_browser.trouble[:] = [one for one in open_browser.trouble if not one.startswith("htmx:")]


def contacts_of(us) -> int:
    return HomeContact.objects.filter(student=us.student, notes__contains="the river").count()


def test_the_network_is_cut_in_the_middle_of_a_log(site, open_browser):
    """On Today, where it was begun without signal, and on a page of its own. Signing out leaves nothing on the device."""
    us = site.pair("Nell")
    page = open_browser(viewport=PHONE, service_workers="allow")
    sign_in(page, us.user)
    in_charge(page)
    page.context.set_offline(True)
    card = card_of(page, us.student)
    card.get_by_role("link", name="Log contact").click()
    expect(card.get_by_role("status")).to_contain_text("There is no signal")
    note(card).fill("They walked by the river.")
    assert faults_here(page) == []
    card.get_by_role("link", name="Log session").click()  # of one card there is one beginning
    card.get_by_role("link", name="Log contact").click()
    end_sessions(page)  # signal was away for longer than a session lasts
    page.context.set_offline(False)
    expect(page.locator("[data-session=ended]")).to_be_visible()
    expect(note(card)).to_have_value("They walked by the river.")
    with page.expect_popup() as again:
        page.get_by_role("link", name="Sign in again").click()
    sign_in(again.value, us.user)
    again.value.close()
    expect(page.locator("[data-session]")).to_have_count(0)
    expect(card.get_by_role("button", name="Save contact")).to_be_visible()
    expect(note(card)).to_have_value("They walked by the river.")
    card.get_by_text("We spoke", exact=True).click()
    page.context.set_offline(True)
    card.get_by_role("button", name="Save contact").click()
    expect(page.locator("#messages")).to_contain_text("What you sent waits in this page")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert not page.evaluate(WIDER), width
    expect(note(card)).to_have_value("They walked by the river.")
    assert contacts_of(us) == 0
    page.context.set_offline(False)
    expect(card.get_by_role("status").first).to_contain_text("Contact saved.")
    assert contacts_of(us) == 1

    page.goto(reverse("contacts:log_contact", args=[us.student.pk]))
    page.get_by_label("We spoke").check()
    note(page).fill("Once more about the river.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save contact").click()
    expect(page.locator("#messages")).to_contain_text("What you sent waits in this page")
    assert faults_here(page) == []
    page.context.set_offline(False)
    wait_until(page, lambda: contacts_of(us) == 2)
    page.wait_for_url(lambda url: "contacts/new" not in url)
    expect(page.locator("#messages")).to_contain_text("saved")

    kept = stored(page)
    assert set(kept["caches"]) >= {"/offline/"} and "river" not in json.dumps(kept)
    assert all(path == "/offline/" or path.startswith("/static/") for path in kept["caches"])
    page.context.set_offline(True)
    page.get_by_role("button", name="Menu", exact=True).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#messages")).to_contain_text("until then nothing is shown here")
    shown = page.locator("#main").inner_text()
    assert us.student.surname not in shown and us.student.known_as not in shown
    page.context.set_offline(False)
    page.wait_for_url("**/accounts/login/**")
    kept = stored(page)
    assert (kept["local"], kept["databases"]) == ({}, [])
    assert set(kept["session"].values()) <= {"/accounts/login/"}, "htmx keeps the address it is on"
    assert us.student.surname not in json.dumps(kept) and "river" not in json.dumps(kept)
    page.context.set_offline(True)
    with suppress(Error):  # the browser's own page that it is not connected
        page.go_back()
    expect(page.locator("body")).not_to_contain_text(us.student.surname)
    forgive(open_browser)


def test_a_form_that_goes_into_the_air_is_sent_once(site, open_browser):
    """A phone that thinks it has signal: the service worker holds what was sent, in a page that sends it on."""
    us = site.pair("Orla")
    page = open_browser(us.user, PHONE, service_workers="allow")
    page.add_init_script(ALWAYS_ONLINE)
    page.goto(reverse("contacts:log_contact", args=[us.student.pk]))
    in_charge(page)
    page.get_by_label("We spoke").check()
    note(page).fill("Said “by the river” & <b>more</b>.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("What you sent waits here.")).to_be_visible()
    assert faults_here(page) == [] and contacts_of(us) == 0
    page.context.set_offline(False)
    page.wait_for_url(lambda url: "contacts/new" not in url)
    assert [one.notes for one in HomeContact.objects.filter(student=us.student, notes__contains="river")] == [
        "Said “by the river” & <b>more</b>."
    ]
    page.context.set_offline(True)
    page.goto("/today/")
    expect(page.get_by_role("heading", name="There is no signal just now")).to_be_visible()
    page.context.set_offline(False)
    expect(card_of(page, us.student)).to_be_visible()
    forgive(open_browser)


def test_it_can_be_put_on_the_first_screen_of_a_phone(site, open_browser):
    page = open_browser(site.w.u_parent, PHONE, service_workers="allow")
    page.goto("/home/")
    session = page.context.new_cdp_session(page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == [] and json.loads(told["data"])["display"] == "standalone"
    for icon in json.loads(told["data"])["icons"]:
        size = page.evaluate(
            "async (src) => { const i = new Image(); i.src = src; await i.decode(); return `${i.width}x${i.height}` }",
            icon["src"],
        )
        assert size == icon["sizes"], icon
    in_charge(page)
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
