"""From a template to a tagged PDF: the pipe every report flows through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import get_template
from weasyprint import CSS, HTML
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetchingError


def page(template: str, context: dict[str, Any]) -> str:
    """The report as a web page, the same one that is proofed on screen."""
    return get_template(template).render(context)


class FetchNothing(URLFetcher):
    """A report brings everything with it: no file and no address is ever opened."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        raise URLFetchingError(f"A report may not fetch {url}.")


@dataclass(frozen=True, slots=True)
class Pdf:
    content: bytes
    pages: int


def pdf(html: str) -> Pdf:
    """The page as tagged PDF/UA-1, with its number of pages."""
    document = _drawn(html)
    return Pdf(document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True), len(document.pages))


@dataclass(frozen=True, slots=True)
class PdfParts:
    content: bytes
    parts: list[range]  # page numbers of each part, from 0


def pdf_parts(html: str, anchors: Sequence[str]) -> PdfParts:
    """As `pdf`, of a page in parts: each begins a new page, at the element with its id, in this order."""
    document = _drawn(html)
    where = {anchor: number for number, page in enumerate(document.pages) for anchor in page.anchors}
    begins = [where[anchor] for anchor in anchors] + [len(document.pages)]
    return PdfParts(
        document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True),
        [range(first, after) for first, after in pairwise(begins)],
    )


def _drawn(html: str) -> Document:
    fonts, sheets = _styles()
    return HTML(string=html, url_fetcher=FetchNothing()).render(
        stylesheets=list(sheets), font_config=fonts, presentational_hints=True
    )


@lru_cache(maxsize=1)
def _styles() -> tuple[FontConfiguration, tuple[CSS, ...]]:
    """The style sheets, parsed once for each worker: parsing costs as much as a short report."""
    fonts = FontConfiguration()
    return fonts, tuple(
        CSS(string=Path(_found(name)).read_text(), font_config=fonts, url_fetcher=FetchNothing())
        for name in ("keywork.css", "report.css")
    )


def _found(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"The style sheet {name} of the reports is missing.")
    return path
