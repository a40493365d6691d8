"""Somebody at a page, for journeys that are played twice: by the keyboard alone with everything on, each page looked at in
three widths; and without script."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from .axe import faults_here

WIDTHS = (1280, 390, 320)
HEIGHT = 800
MOST_TABS = 120
WIDER = "() => document.documentElement.scrollWidth > innerWidth"
FOCUSED = "it => it === document.activeElement"
IN_GROUP = "it => it.name === document.activeElement.name && it.form === document.activeElement.form"
BY_KEYBOARD, WITHOUT_SCRIPT = "by keyboard, three widths", "without script"
WAYS = (BY_KEYBOARD, WITHOUT_SCRIPT)


class Hands:
    """One way of `WAYS`; `page` stands on the narrowest of the widths whenever something is done."""

    def __init__(self, open_browser, way: str, user=None) -> None:
        self.keys = way == BY_KEYBOARD
        small = {"width": WIDTHS[-1], "height": HEIGHT}
        self.page: Page = open_browser(
            user, viewport=small, java_script_enabled=self.keys, reduced_motion="reduce"
        )
        self.looked_at = ""

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.looked_at = ""

    def see(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()
        self.look()

    def look(self) -> None:
        """Nothing runs off the side of this page; once for an address."""
        if not self.keys or self.page.url == self.looked_at:
            return
        self.page.wait_for_function(
            "document.readyState !== 'loading'"
        )  # the page that `url` says may not have begun
        self.looked_at = self.page.url
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            assert not self.page.evaluate(WIDER), (width, self.page.url)

    def axe(self) -> None:
        """Where it is quick enough: the pages of each journey are looked at in test_every_page too, but not in its states."""
        if self.keys:
            assert faults_here(self.page) == []

    def press(self, role: str, name: str | re.Pattern[str]) -> None:
        there = self.page.get_by_role(role, name=name).first  # type: ignore[arg-type]  # a role by its name
        if not self.keys:
            there.click()
            return
        self._tab_to(there)
        self.page.keyboard.press("Enter")

    def write(self, label: str, words: str) -> None:
        there = self.page.get_by_label(label).first
        if not self.keys:
            there.fill(words)
            return
        self._tab_to(there)
        if there.input_value():
            self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)

    def choose(self, label: str) -> None:
        """One of a group of radio buttons: Tab leads to the group, arrows within it."""
        there = self.page.get_by_role("radio", name=label).first
        if not self.keys:
            there.check()
            return
        self._tab_to(there, IN_GROUP)
        for _ in range(9):
            if there.evaluate(FOCUSED):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        expect(there).to_be_checked()

    def send(self) -> None:
        """The form in whose field one stands."""
        self.page.keyboard.press("Enter")

    def _tab_to(self, there: Locator, reached: str = FOCUSED) -> None:
        """By the Tab key, as somebody without a mouse."""
        self.look()
        expect(there).to_be_visible()
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if there.evaluate(reached):
                return
        raise AssertionError(f"the keyboard does not reach {there} on {self.page.url}")
