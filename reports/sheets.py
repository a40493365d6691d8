"""A web page laid out on sheets of paper by WeasyPrint, and its tags. `rendering` imports this for the first one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from pydyf import PDF, Dictionary
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetchingError


class FetchNothing(URLFetcher):
    """A report brings everything with it, its pictures too: no file and no address is ever opened."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
            return super().fetch(url, headers)
        raise URLFetchingError(f"A report may not fetch {url}.")


def laid_out(html: str) -> Document:
    fonts, sheet = _style()
    return HTML(string=html, url_fetcher=FetchNothing()).render(
        stylesheets=[sheet], font_config=fonts, presentational_hints=True
    )


@lru_cache(maxsize=1)
def _style() -> tuple[FontConfiguration, CSS]:
    """The style sheet, parsed once for each worker: parsing costs as much as a short report."""
    fonts = FontConfiguration()
    path = finders.find("paper.css")
    if path is None:
        raise FileNotFoundError("The style sheet paper.css of the reports is missing.")
    return fonts, CSS(string=Path(path).read_text(), font_config=fonts, url_fetcher=FetchNothing())


def finish(document: Document, pdf: PDF) -> None:
    """What WeasyPrint leaves open: heads of tables say of which cells they are; names and what they are called stand in
    pairs in their list.
    """
    tags = {
        one.reference: one
        for one in pdf.objects
        if isinstance(one, Dictionary) and one.get("Type") == "/StructElem"
    }
    for tag in tags.values():
        around = tags.get(tag["P"])
        if around is None:
            continue
        if tag["S"] == "/TH":
            tag["A"]["Scope"] = "/Column" if tags[around["P"]]["S"] == "/THead" else "/Row"
        elif tag["S"] == "/Div" and around["S"] == "/L":  # <dl><div><dt>…</dt><dd>…</dd></div></dl>
            _pair(tag, tags)


def _pair(tag: dict[str, Any], tags: dict[bytes, dict[str, Any]]) -> None:
    """One item of a list: its label and what stands behind it, where each was an item of its own."""
    tag["S"] = "/LI"
    for number, reference in enumerate(tag["K"]):
        item = tags[reference]
        item["S"] = "/LBody" if number else "/Lbl"
        for inner in item["K"]:
            if inner in tags and tags[inner]["S"] == "/LBody":
                tags[inner]["S"] = "/NonStruct"
