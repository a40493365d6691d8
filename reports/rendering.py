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

from .models import Letterhead


def page(template: str, context: dict[str, Any]) -> str:
    """The report as a web page, the same one that is proofed on screen, with the school's letterhead."""
    return get_template(template).render({"letterhead": Letterhead.now(), **context})


class FetchNothing(URLFetcher):
    """A report brings everything with it, its pictures too: no file and no address is ever opened."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
            return super().fetch(url, headers)
        raise URLFetchingError(f"A report may not fetch {url}.")


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished document. `missing` are the signs that no font here can show, in the order of Unicode."""

    content: bytes
    pages: int
    missing: str = ""


def pdf(html: str) -> Pdf:
    """The page as tagged PDF/UA-1."""
    return written(laid_out(html))


def laid_out(html: str) -> Document:
    """The page on sheets of paper, its boxes measurable."""
    fonts, sheet = _style()
    return HTML(string=html, url_fetcher=FetchNothing()).render(
        stylesheets=[sheet], font_config=fonts, presentational_hints=True
    )


def written(document: Document) -> Pdf:
    content = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    # Each font notes what it was asked for and had not: only the last one asked draws the empty box.
    missing = sorted({code for font in document.fonts.values() for code in font.missing})
    return Pdf(content, len(document.pages), "".join(map(chr, missing)))


@dataclass(frozen=True, slots=True)
class PdfParts:
    content: bytes
    parts: list[range]  # page numbers of each part, from 0
    missing: str = ""  # as of Pdf


def pdf_parts(html: str, anchors: Sequence[str]) -> PdfParts:
    """As `pdf`, of a page in parts: each begins a new page, at the element with its id, in this order."""
    document = laid_out(html)
    where = {anchor: number for number, page in enumerate(document.pages) for anchor in page.anchors}
    begins = [where[anchor] for anchor in anchors] + [len(document.pages)]
    made = written(document)
    return PdfParts(made.content, [range(first, after) for first, after in pairwise(begins)], made.missing)


@lru_cache(maxsize=1)
def _style() -> tuple[FontConfiguration, CSS]:
    """The style sheet, parsed once for each worker: parsing costs as much as a short report."""
    fonts = FontConfiguration()
    path = finders.find("paper.css")
    if path is None:
        raise FileNotFoundError("The style sheet paper.css of the reports is missing.")
    return fonts, CSS(string=Path(path).read_text(), font_config=fonts, url_fetcher=FetchNothing())
