"""A web page laid out on sheets of paper by WeasyPrint. `rendering` imports this when the first one is asked for."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
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
