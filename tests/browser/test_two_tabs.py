"""Two tabs of one person, and a sign-in in between: nothing typed is lost, nothing is saved twice."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db.models import F
from django.urls import reverse
from playwright.sync_api import Page, expect

from contacts.models import HomeContact
from keywork.models import Draft
from students.models import FamilyMember
from tests.world import make_family
from tsp.models import Rating

from .axe import faults_here
from .flows import sign_in, sign_in_again

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def kept(page: Page) -> None:
    expect(page.locator(".kw-draft").first).to_contain_text("aved at")


def test_signed_in_again_in_another_tab_the_first_goes_on(site, open_browser):
    us = site.pair("Merle")
    page = open_browser()
    sign_in(page, us.user)
    page.goto(reverse("contacts:log_contact", args=[us.student.pk]))
    page.get_by_label("Spoke", exact=False).first.check()
    notes = page.locator("[name=notes]")
    notes.press_sequentially("One sentence.")
    kept(page)
    sign_in_again(page, us.user)
    with page.expect_response("**/drafts/**") as answer:
        notes.press_sequentially(" And a second.")
    assert answer.value.status == 204
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("Contact saved.")).to_be_visible()
    saved = HomeContact.objects.filter(student=us.student, notes="One sentence. And a second.")
    assert saved.count() == 1 and not Draft.objects.filter(user=us.user).exists()


def test_a_rating_saves_itself_after_signing_in_again(site, open_browser):
    us = site.pair("Robin")
    page = open_browser()
    sign_in(page, us.user)
    page.goto(reverse("tsp:workspace", args=[us.student.pk, "2026-27-autumn", "baseline"]))
    sign_in_again(page, us.user)
    page.locator("details:has([name='rating:emo-recover'])").last.evaluate("it => { it.open = true }")
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.locator("[name='rating:emo-recover'][value='3']").evaluate("it => it.click()")
    assert answer.value.status == 200
    assert Rating.objects.get(point__student=us.student).value == 3


@pytest.mark.parametrize(
    ("where", "field", "kept_by"),
    [
        (lambda us: reverse("contacts:log_contact", args=[us.student.pk]), "[name=notes]", "**/drafts/**"),
        (
            lambda us: reverse("tsp:workspace", args=[us.student.pk, "2026-27-autumn", "baseline"]),
            "[name='narrative:summary']",
            "**/save/",
        ),
    ],
    ids=["a draft", "what saves itself"],
)
def test_leaving_a_field_sends_it_at_once(site, open_browser, where, field, kept_by):
    """No timer runs here: the last words do not wait for one."""
    us = site.pair(f"Wren {len(field)}")
    page = open_browser(us.user)
    page.clock.install()
    page.goto(where(us))
    page.clock.pause_at("2030-01-01")
    page.locator(field).evaluate(
        "it => { for (let up = it; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true }"
    )
    page.locator(field).fill("The last words.")
    with page.expect_response(kept_by) as answer:
        page.keyboard.press("Tab")
    assert answer.value.ok


def test_two_tabs_have_a_draft_each_and_both_are_found_again(site, open_browser):
    us = site.pair("Lark")
    one = open_browser(us.user)
    path = reverse("contacts:log_contact", args=[us.student.pk])
    two = one.context.new_page()
    for page in (one, two):
        page.goto(path)
    for page, words in ((one, "Rang about the trip."), (two, "Met at the gate.")):
        page.locator("[name=notes]").press_sequentially(words)
        kept(page)
        page.close()
    page = two.context.new_page()
    page.goto(path)
    expect(page.locator("[name=notes]")).to_have_value("Met at the gate.")
    expect(page.get_by_text("“Rang about the trip.”")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_role("button", name="Go on with this one").click()
    expect(page.locator("[name=notes]")).to_have_value("Rang about the trip.")
    expect(page.get_by_text("“Met at the gate.”")).to_be_visible()


def test_two_who_changed_the_same_words_see_both(site, open_browser):
    us = site.pair("Finch")
    contact = HomeContact.objects.get(student=us.student)
    page = open_browser(us.user)
    page.goto(reverse("contacts:amend_contact", args=[contact.pk]))
    page.locator("[name=notes]").fill("My words.")
    HomeContact.objects.filter(pk=contact.pk).update(notes="Their words.", version=contact.version + 1)
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("Their words.")).to_be_visible()
    assert faults_here(page) == []
    page.get_by_label("Save what stands in the field below").check()
    page.get_by_role("button", name="Save contact").click()
    expect(page.get_by_text("Contact changed.")).to_be_visible()
    contact.refresh_from_db()
    assert contact.notes == "My words."


@pytest.fixture
def details(site):
    """A family's details, and who may change them: `url`, `add`, `link`, `us`."""

    def of(name: str) -> SimpleNamespace:
        us = site.pair(name)
        us.user.roles = [*us.user.roles, "admin"]
        us.user.save()
        link = make_family(us.student, "Simon", "Other")
        return SimpleNamespace(
            us=us,
            link=link,
            url=reverse("students:family_edit", args=[us.student.pk, link.pk]),
            add=reverse("students:family_add", args=[us.student.pk]),
        )

    return of


def test_a_familys_details_go_on_after_signing_in_again(details, open_browser):
    found = details("Plover")
    page = open_browser(found.us.user)
    page.goto(found.url)
    sign_in_again(page, found.us.user)
    page.locator("[name=address]").fill("12 The Row")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("details are saved")).to_be_visible()
    assert FamilyMember.objects.get(pk=found.link.member_id).address == "12 The Row"


def test_a_familys_details_in_two_tabs_are_both_found_again(details, open_browser):
    found = details("Siskin")
    one = open_browser(found.us.user)
    two = one.context.new_page()
    for page in (one, two):
        page.goto(found.url)
    for page, words in ((one, "The side door, please."), (two, "Not before nine.")):
        page.locator("[name=address]").press_sequentially(words)
        kept(page)
        page.close()
    page = two.context.new_page()
    page.goto(found.url)
    expect(page.locator("[name=address]")).to_have_value("Not before nine.")
    expect(page.get_by_text("“The side door, please.”")).to_be_visible()
    assert faults_here(page) == []


def test_two_who_changed_a_familys_details_undo_nothing(details, open_browser):
    found = details("Dunlin")
    page = open_browser(found.us.user)
    page.goto(found.url)
    page.locator("[name=address]").fill("Mine")
    member = FamilyMember.objects.filter(pk=found.link.member_id)
    member.update(address="Theirs", mobile="07700 900444", version=F("version") + 1)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Theirs")).to_be_visible()
    page.get_by_label("Save what stands in the field below").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("details are saved")).to_be_visible()
    assert list(member.values_list("address", "mobile")) == [("Mine", "07700 900444")]


def test_somebody_added_twice_is_there_once(details, open_browser):
    found = details("Godwit")
    page = open_browser(found.us.user)
    page.goto(found.add)
    for name, words in (("forename", "Hedda"), ("surname", "Quarmby-Once"), ("relationship", "aunt")):
        page.locator(f"[name={name}]").fill(words)
    page.locator("form:has([name=surname])").evaluate(
        "form => { const send = () => fetch(form.action || location.href,"
        " { method: 'POST', body: new FormData(form) }); return Promise.all([send(), send(), send()]) }"
    )
    assert FamilyMember.objects.filter(surname="Quarmby-Once").count() == 1
