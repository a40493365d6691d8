"""From a template to a tagged PDF: the pipe every report flows through."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.template.loader import get_template

from keywork import school, words
from keywork.names import BIDI

from .models import Letterhead

if TYPE_CHECKING:
    from weasyprint.document import Document

LARGE = 1.8  # 10.5 points are 18.9; the sheet "big" of paper.css is A4 by it


def page(template: str, context: dict[str, Any]) -> str:
    """The report as a web page, the same one that is proofed on screen, with the school's `letterhead`.

    Pasted marks that turn the direction of writing are left out: on paper one would turn all that follows it.
    """
    with words.of(school.load()):
        letterhead = context.get("letterhead") or Letterhead.now()
        html = get_template(template).render({**context, "letterhead": letterhead})
    return html.translate(BIDI)


@cache
def made_with(template: str) -> str:
    """Twelve letters that stand for a report's template and the style sheet: others after either is changed."""
    from django.contrib.staticfiles import finders

    sheet = Path(str(finders.find("paper.css"))).read_bytes()
    found: Any = get_template(template)  # the stubs do not say where a template came from
    source = Path(str(found.origin)).read_bytes()
    return hashlib.sha256(source + sheet).hexdigest()[:12]


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
    from . import sheets  # with WeasyPrint, half a second of every start that prints nothing

    return sheets.laid_out(html)


def in_large_print(html: str) -> str:
    """The page laid out on smaller sheets, to be drawn LARGE times their size: every letter and picture grows alike."""
    return html.replace('class="kp-paper', 'class="kp-paper kp-big', 1)


def large_pdf(html: str) -> Pdf:
    return written(laid_out(html), zoom=LARGE)


def written(document: Document, zoom: float = 1) -> Pdf:
    from .sheets import finish

    content = document.write_pdf(zoom=zoom, finisher=finish, pdf_variant="pdf/ua-1", pdf_tags=True)
    # Each font notes what it was asked for and had not: only the last one asked draws the empty box.
    missing = sorted({code for font in document.fonts.values() for code in font.missing})
    return Pdf(content, len(document.pages), "".join(map(chr, missing)))


def pdf_and_places(html: str, anchors: Sequence[str], zoom: float = 1) -> tuple[Pdf, dict[str, int]]:
    """As `pdf`, with the numbers of the pages, from 0, on which the elements with these ids stand."""
    document = laid_out(html)
    where = {anchor: number for number, page in enumerate(document.pages) for anchor in page.anchors}
    return written(document, zoom), {anchor: where[anchor] for anchor in anchors}
