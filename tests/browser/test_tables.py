"""Tables on a phone: sorting stays possible, and the keyboard goes nowhere that cannot be seen."""

from __future__ import annotations

import pytest

from tests.world import assign, make_student, make_user

from .conftest import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_heads_to_sort_by_are_seen_at_320_px_and_keep_the_place(site, open_browser):
    page = open_browser(site.w.u_head, {"width": 320, "height": 640})
    page.goto("/students/")
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('thead a')].map(one => {
            const box = one.getBoundingClientRect(), seen = one.closest('thead').getBoundingClientRect();
            return [box.width, box.height, seen.width >= box.width && seen.height >= box.height];
        })"""
    )
    assert sizes and all(width > 20 and height >= 24 and seen for width, height, seen in sizes), sizes
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.locator("thead a").first.click()
    page.wait_for_url("**sort=*#listed")
    assert page.locator("#listed").is_visible()


def test_what_the_label_of_a_card_says_is_not_said_again(site, open_browser):
    page = open_browser(site.w.u_head, PHONE)
    page.goto("/oversight/?show=everyone")
    cell = page.locator('td[data-label^="TSP "]').first
    cell.wait_for()
    label, note = cell.get_attribute("data-label"), cell.locator(".kw-when")
    assert note.text_content().lower() in label.lower() and not note.is_visible()
    page.set_viewport_size(DESK)
    assert note.is_visible()


def test_two_columns_of_short_lines_begin_at_one_height(site, open_browser):
    us = site.pair()
    for forename in ("Ada", "Bea", "Cleo", "Dot"):
        assign(make_student(forename, "Columnrow"), us.user, kind="core")
    page = open_browser(us.user, DESK)
    page.goto("/today/")
    tops = [round(one.bounding_box()["y"]) for one in page.locator(".is-columns .kw-duty > div").all()]
    assert len(tops) == 4 and len(set(tops)) == 2, tops


def test_a_link_in_a_list_without_icons_is_seen_to_be_one(site, open_browser):
    us = site.pair()
    us.student.user = make_user(f"reader_{us.student.pk}", "student")
    us.student.save()
    page = open_browser(us.student.user, PHONE)
    page.goto("/tsp/mine/")
    page.get_by_text("I want to say something new").click()
    links = page.locator(".kw-steps a").all()
    shown = {one.evaluate("it => getComputedStyle(it).textDecorationLine") for one in links}
    assert links and shown == {"underline"}
