"""What is wrong with a page, in words: by axe in light and in dark, and by its width when zoomed and on a small screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# Only what is wrong is described, and no style sheet is fetched again for a rule that is off: the same is found sooner.
RUN_AXE = """async (rules) => "axe" in window && (await axe.run(document, {
        resultTypes: ["violations"], preload: {assets: ["media"]}, ...(rules ? {runOnly: {type: "rule", values: rules}} : {})
    })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)"""
# Colours half-way are not what people see.
RUN_AXE_IN_DARK = (
    f"(rules) => {{ document.getAnimations().forEach((one) => one.finish()); return ({RUN_AXE})(rules) }}"
)
WIDEST = """(width) => [...document.querySelectorAll("main *")].filter((it) => it.getBoundingClientRect().right > width + 1)
    .map((it) => `${it.tagName.toLowerCase()}.${it.className}`).slice(0, 9).join(" > ")"""
BY_COLOUR = ["color-contrast", "link-in-text-block"]  # all that can differ between light and dark
WIDTHS = {"200 % zoom": 640, "320 px": 320}


def faults_of(page: Page, path: str, status: int = 200) -> list[str]:
    response = page.goto(path)
    if response.status != status or not response.url.endswith(path):
        return [f"answers {response.status} at {response.url}"]
    return faults_here(page)


def faults_here(page: Page) -> list[str]:
    """Of the page as it stands; it is left as it was found."""
    if (in_light := page.evaluate(RUN_AXE, None)) is False:
        page.evaluate(AXE)
        in_light = page.evaluate(RUN_AXE, None)
    found = [f"light: {fault}" for fault in in_light]
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in page.evaluate(RUN_AXE_IN_DARK, BY_COLOUR)]
    page.emulate_media(color_scheme="light")
    return found + too_wide(page)


def too_wide(page: Page) -> list[str]:
    found, before = [], page.viewport_size
    for words, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 640})
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            widest = page.evaluate(WIDEST, width)
            found.append(f"at {words} it is {needed} px wide: {widest}")
    page.set_viewport_size(before)
    return found


def look_at(page: Page, paths: Mapping[str, str], status: int = 200) -> dict[str, list[str]]:
    """The faults of each path, by its name; nothing of a path without any."""
    page.add_init_script(AXE)  # half a megabyte that is sent once, and not with every page
    faults = {name: faults_of(page, path, status) for name, path in paths.items()}
    return {name: wrong for name, wrong in faults.items() if wrong}
