"""Tables on a phone: sorting stays possible, and the keyboard goes nowhere that cannot be seen."""

from __future__ import annotations

import pytest

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
