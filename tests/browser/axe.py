"""What is wrong with a page, in words: by axe in light and in dark, and by its width when zoomed and on a small screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

# axe works out anew, for each text and for all that lies behind it, what a colour is as red, green and blue; a page has
# a dozen of them. Kept by its words it is the same, in an eighth less time for all of axe.
KEEP_COLOURS = """(({ prototype }, kept = new Map(), parse = prototype.parseString) => {
    prototype.parseString = function (words) {
        if (!kept.has(words)) {
            parse.call(this, words);
            kept.set(words, [this.r, this.g, this.b, this.alpha]);
        }
        [this.r, this.g, this.b, this.alpha] = kept.get(words);
        return this;
    };
})(axe.commons.color.Color);"""
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text() + KEEP_COLOURS
# Only what is wrong is described, and no style sheet is fetched again for a rule that is off: the same is found sooner.
RUN_AXE = """async (rules) => "axe" in window && (await axe.run(document, {
        resultTypes: ["violations"], preload: {assets: ["media"]}, ...(rules ? {runOnly: {type: "rule", values: rules}} : {})
    })).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)"""
# Colours half-way are not what people see.
RUN_AXE_AFTER = (
    f"(rules) => {{ document.getAnimations().forEach((one) => one.finish()); return ({RUN_AXE})(rules) }}"
)
WIDEST = """(width) => [...document.querySelectorAll("main *")].filter((it) => it.getBoundingClientRect().right > width + 1)
    .map((it) => `${it.tagName.toLowerCase()}.${it.className}`).slice(0, 9).join(" > ")"""
BY_COLOUR = ["color-contrast", "link-in-text-block"]  # all that can differ between light and dark
WIDTHS = {"200 % zoom": 640, "320 px": 320, "a desk": 1280}


def faults_of(page: Page, path: str, status: int, schemes: Sequence[str]) -> list[str]:
    page.emulate_media(color_scheme=schemes[0])
    response = page.goto(path)
    if response.status != status or not response.url.endswith(path):
        return [f"answers {response.status} at {response.url}"]
    return faults_here(page, schemes)


def faults_here(page: Page, schemes: Sequence[str] = ("light", "dark", "light")) -> list[str]:
    """Of the page as it stands, in the first of the colour schemes; in the next one those of its colours; it is left
    in the last."""
    first, *others = schemes
    if (everything := page.evaluate(RUN_AXE_AFTER, None)) is False:
        page.evaluate(AXE)
        everything = page.evaluate(RUN_AXE_AFTER, None)
    found = [f"{first}: {fault}" for fault in everything] + too_wide(page)
    page.emulate_media(color_scheme=others[0])
    found += [f"{others[0]}: {fault}" for fault in page.evaluate(RUN_AXE_AFTER, BY_COLOUR)]
    if others[-1] != others[0]:
        page.emulate_media(color_scheme=others[-1])
    return found


def too_wide(page: Page) -> list[str]:
    found, before = [], page.viewport_size
    # The width it stands in comes first: nothing is laid out anew for it.
    for words, width in sorted(WIDTHS.items(), key=lambda one: one[1] != before["width"]):
        if width != page.viewport_size["width"]:
            page.set_viewport_size({"width": width, "height": 640})
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            widest = page.evaluate(WIDEST, width)
            found.append(f"at {words} it is {needed} px wide: {widest}")
    page.set_viewport_size(before)
    return found


def look_at(page: Page, paths: Mapping[str, str], status: int = 200) -> dict[str, list[str]]:
    """The faults of each path, by its name; nothing of a path without any."""
    page.add_init_script(AXE)  # half a megabyte that is sent once, and not with every page
    # Each page in the scheme that the one before was left in: to change it is to draw everything anew.
    schemes = cycle((("light", "dark"), ("dark", "light")))
    faults = {
        name: faults_of(page, path, status, both)
        for (name, path), both in zip(paths.items(), schemes, strict=False)
    }
    page.emulate_media(color_scheme="light")
    return {name: wrong for name, wrong in faults.items() if wrong}
