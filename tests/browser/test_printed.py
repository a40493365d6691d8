"""Pages that are printed: on paper they keep the facts and leave out what can only be pressed."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from care.models import EhcPlan
from tests.access.records import review, review_person
from tests.world import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ONLY_ON_SCREEN = ".kw-top, .kw-foot, .kw-tabs, .kw-pager, button, .btn"


def printed(page, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")
    shown = [one for one in page.locator(ONLY_ON_SCREEN).all() if one.is_visible()]
    assert shown == [], [one.inner_text() for one in shown]


def test_home_is_printed_with_the_keyworkers_number(site, reading):
    pair = site.pair("Hella")
    pair.user.phone = "01845 587 200"
    pair.user.save(update_fields=["phone"])
    pair.link.member.user = make_user("hellas_mother", "family")
    pair.link.member.save()
    page = reading(pair.link.member.user)
    printed(page, reverse("portal:family_child", args=[pair.student.pk]))
    expect(page.get_by_text("Ring 01845 587 200 or write to")).to_be_visible()
    expect(page.get_by_role("heading", name=pair.user.name).first).to_be_visible()
    expect(page.get_by_role("heading", name="When we were in touch")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.get_by_text("Ring 01845 587 200 or write to")).to_be_hidden()


def test_today_is_printed_with_what_is_owed(site, reading):
    page = reading(site.w.u_keyworker)
    printed(page, reverse("portal:today"))
    card = page.locator(f"#s-{site.w.mina.pk}")
    expect(card.locator(".kw-next")).to_be_visible()
    expect(card.get_by_role("heading").first).to_be_visible()
    expect(card.locator("details .kw-duty").first).to_be_visible()  # what is folded on the screen


def test_what_helps_is_printed_whole(site, reading):
    page = reading(site.w.u_keyworker)
    printed(page, reverse("tsp:what_helps", args=[site.w.mina.pk]))
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.get_by_text("read it before you teach, cover or go on a trip")).to_be_visible()


def test_no_heading_of_a_review_stands_alone_at_the_foot_of_a_page(site, reading):
    row = review(EhcPlan.objects.current().get(student=site.w.mina), site.w.u_senco)
    review_person(row, site.w.u_senco)
    page = reading(site.w.u_senco)
    page.goto(reverse("care:review", args=[site.w.mina.pk, row.pk]))
    above = "section[aria-labelledby=advice]"
    page.locator(above).evaluate(
        "it => it.before(Object.assign(document.createElement('div'), {id: 'above'}))"
    )
    for height in range(0, 1000, 50):
        page.locator("#above").evaluate("(it, tall) => { it.style.height = `${tall}px`; }", height)
        sheets = [one.extract_text() for one in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]
        [sheet] = [one for one in sheets if "Advice asked for" in one]
        assert "Ines Abara" in sheet.partition("Advice asked for")[2], height
