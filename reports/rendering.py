"""From a template to a tagged PDF: the pipe every report flows through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import get_template
from weasyprint import CSS, HTML
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
    fonts, sheets = _styles()
    document = HTML(string=html, url_fetcher=FetchNothing()).render(
        stylesheets=list(sheets), font_config=fonts, presentational_hints=True
    )
    return Pdf(document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True), len(document.pages))


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
