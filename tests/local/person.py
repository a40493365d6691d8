"""Somebody at a browser of their own, whose every click is counted."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator

from tests.browser.conftest import DESK, PATIENCE, Trouble
from tests.operations.browser import PASSWORD, shown_by_app


class Person:
    """`clicks` are addresses opened, links and buttons pressed, boxes ticked and choices made; typing is none."""

    def __init__(self, chromium: Browser, site: str, trouble: Trouble) -> None:
        context = chromium.new_context(viewport=DESK, base_url=site, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        trouble.listen(context)
        self.page, self.clicks = context.new_page(), 0

    def opens(self, address: str) -> None:
        self.clicks += 1
        self.page.goto(address)

    def presses(self, words: str, *, stays: bool = False) -> None:
        """A link or a button that begins with these words, and leads to another page unless one `stays` on it."""
        name = re.compile(rf"^\s*{re.escape(words)}")
        main = self.page.locator("main")
        self._clicks(
            main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name)).first, stays
        )

    def _clicks(self, what: Locator, stays: bool = False) -> None:
        self.clicks += 1
        if stays:
            what.click()
        else:
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                what.click()

    def ticks(self, label: str) -> None:
        self.clicks += 1
        self.page.locator("main").get_by_label(label).first.check()

    def chooses(self, label: str, words: str) -> None:
        """What has these words in it, of a list."""
        self.clicks += 1
        select = self.page.locator("main").get_by_label(label).first
        select.select_option(select.locator("option", has_text=words).first.get_attribute("value"))

    def types(self, **typed: str) -> None:
        for name, words in typed.items():
            self.page.locator(f"main [name={name}]").fill(words)

    def looks_and_does(self) -> None:
        """What would happen, then do it."""
        for button in ("look", "make"):
            self._clicks(self.page.locator(f"main button[name=do][value={button}]").first)

    def reads(self) -> str:
        return self.page.locator("main").inner_text()

    def chooses_password_and_app(self) -> None:
        """From the link of an invitation to the first page."""
        self.types(password1=PASSWORD, password2=PASSWORD)
        self.presses("Keep this password")
        self.presses("Set up the app")
        self.types(code=shown_by_app(self.page.locator("#totp-secret").inner_text()))
        self.presses("Turn it on")
        self.presses("Go on to Keywork")
