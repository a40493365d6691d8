"""The file of a pack: the pages that Keywork draws, and others' PDFs on sheets of the same pack.

A page of somebody's PDF is drawn, somewhat smaller, onto a sheet that stands ready for it with its own heading and
foot. So one count of pages runs through the whole file, the index is right, and the tags, title, language and
bookmarks of the drawn pages stay. The pages of others are not tagged: their sheet says what they are.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import pikepdf
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.crypto import get_random_string
from pikepdf import Name

from keywork import clock

from .. import printing, rendering
from .models import EvidencePack

TEMPLATE = "reports/evidence_pack.html"
MM = 72 / 25.4  # points
# Where another's page stands on its sheet of A4: left, bottom, right, top in mm. Below is the foot, above its heading.
PLACE = pikepdf.Rectangle(12 * MM, 18 * MM, 198 * MM, 281 * MM)
PLACE_LARGE = pikepdf.Rectangle(12 * MM, 22 * MM, 198 * MM, 262 * MM)
LONG = 700  # letters of a text that may go on, on the next page: longer ones would leave much of a page empty, or all
CYCLE_WORDS = ("was", "hoped", "goal", "why", "support", "measure", "reached", "changed")
_DAYS = {
    "first",
    "last",
    "known_on",
    "on",
    "began",
    "review_on",
    "ended",
    "scored_on",
    "born_on",
    "joined_on",
}
_DAYS |= {"issued_on", "reviewed_on", "next_review_on"}  # of plans


def make(pack: EvidencePack) -> None:
    """Make the file, once."""
    if pack.made_at is not None or pack.ordered_at is None:
        return
    made = drawn(pack.content)
    pack.pdf.save(f"{get_random_string(32)}.pdf", ContentFile(made.content), save=False)
    pack.sha256 = hashlib.sha256(made.content).hexdigest()
    pack.pages, pack.missing_signs = made.pages, made.missing[:100]
    pack.printed_with, pack.made_at = rendering.made_with(TEMPLATE), clock.now()
    pack.save(update_fields=["pdf", "sha256", "pages", "missing_signs", "printed_with", "made_at"])


def drawn(content: dict[str, Any]) -> rendering.Pdf:
    """The whole file: the same content and files, the same bytes."""
    made = paper(content)
    return made.draw(made.html)


def paper(content: dict[str, Any]) -> printing.Paper:
    """The same to be printed page by page, and in other forms: in a Word file others' pages are not."""
    return printing.Paper(
        rendering.page(TEMPLATE, context(content)),
        partial(_drawn, content=content),
        tuple(one["sha256"] for one in content["documents"]),
        forms=printing.FORMS,
        draw_large=partial(_drawn, content=content, large=True),
        known_on=date.fromisoformat(content["known_on"]),
    )


def _drawn(html: str, content: dict[str, Any], large: bool = False) -> rendering.Pdf:
    sheets = [
        f"sheet-{one['letter']}-{number}"
        for one in content["documents"]
        for number in range(1, one["pages"] + 1)
    ]
    made, begins = rendering.pdf_and_places(html, sheets, zoom=rendering.LARGE if large else 1)
    with pikepdf.open(io.BytesIO(made.content)) as book:
        place = PLACE_LARGE if large else PLACE
        others = [_put(book, one, begins, place) for one in content["documents"]]
        # Numbered as they are printed, so that a reader's "page 9" is page 9.
        book.Root.PageLabels = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(S=Name.D)])
        out = io.BytesIO()
        book.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        pages = len(book.pages)
        for other in others:
            other.close()
    return rendering.Pdf(out.getvalue(), pages, made.missing)


def _put(
    book: pikepdf.Pdf, one: dict[str, Any], begins: dict[str, int], place: pikepdf.Rectangle
) -> pikepdf.Pdf:
    """Draw each page of one document onto its sheet. Gives the document back: it stays open until the file is saved."""
    with default_storage.open(one["file"], "rb") as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != one["sha256"]:
        raise ValueError(f"The file of “{one['title']}” is another than the one that was chosen.")
    other = pikepdf.open(io.BytesIO(data))
    other.generate_appearance_streams()  # what was filled in or signed is drawn like all else
    other.flatten_annotations("print")
    for number, page in enumerate(other.pages, 1):
        sheet = book.pages[begins[f"sheet-{one['letter']}-{number}"]]
        if "/StructParents" in page.obj:
            _untag(other, page)
        picture = book.copy_foreign(page.as_form_xobject())
        # All pages share one set of resources, so each name is its own; one made by chance would change the bytes.
        own = Name(f"/Attached{one['letter']}{number}")
        name = sheet.add_resource(picture, Name.XObject, own)
        placed = sheet.calc_form_xobject_placement(picture, name, place)
        # The sheet's own drawing begins by turning the page over; the other page is drawn outside of that.
        sheet.contents_add(b"q\n", prepend=True)
        sheet.contents_add(b"\nQ\n/Artifact BMC\n" + placed + b"\nEMC\n")
    return other


def _untag(other: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """Take the marks of its own structure out of a page: that structure does not come with it."""
    kept, open_marks = [], []
    for one in pikepdf.parse_content_stream(page):
        operands, operator = one.operands, one.operator
        word = str(operator)
        if word in ("BMC", "BDC"):
            stays = bool(operands) and operands[0] == Name.OC  # a layer that is shown or hidden
            open_marks.append(stays)
        elif word == "EMC":
            stays = open_marks.pop() if open_marks else False
        else:
            stays = word not in ("MP", "DP")
        if stays:
            kept.append((operands, operator))
    page.obj.Contents = other.make_stream(pikepdf.unparse_content_stream(kept))


def context(content: dict[str, Any]) -> dict[str, Any]:
    """As the template reads it: days as days, and which sheets each document takes."""
    read = _days(content)
    read["at"] = datetime.fromisoformat(content["at"]) if content["at"] else None
    for one in read["documents"]:
        one["sheets"] = range(1, one["pages"] + 1)
    for one in (*read["log"], *read["views"], *read["home"]):
        one["is_long"] = _letters([words for _, words in one["lines"]]) > LONG
    for need in read["needs"]:
        need["is_long"] = _letters(need["lines"]) > LONG
    for cycle in read["cycles"]:
        cycle["is_long"] = any(_letters([cycle.get(name) or []]) > LONG for name in CYCLE_WORDS)
    return {"pack": read}


def _letters(lines: Sequence[Sequence[Any]]) -> int:
    return sum(len(text) for words in lines for text, _ in words)


def _days(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _days(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_days(one) for one in value]
    if isinstance(value, str) and value and name in _DAYS:
        return date.fromisoformat(value)
    return value
