"""A report as a Word file, to be finished there: the words and tables of its page, without its pictures.

It is made of the very page that is printed, so it says the same, and what is covered there is covered here. Of a page
only a few elements are used, and two classes: `kp-on-paper` is not in a Word file, `kp-in-word` not on paper.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from keywork.typed import for_word

from .authority.package import packed

if TYPE_CHECKING:
    from docx.document import Document

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Arial"
LEFT_OUT = frozenset({"svg", "style", "img", "colgroup"})
INLINE = frozenset({"a", "b", "br", "em", "i", "small", "span", "strong"})
LISTS = {"ul": "List Bullet", "ol": "List Number"}
# What is drawn for a pen, in signs.
FOR_A_PEN = {"kp-box": "☐ ", "kp-rule": "____________", "kp-line": "____________________"}
LINE_OF_ITS_OWN = frozenset({"kp-at"})  # beside <small>
LONGEST = 40  # letters of a column, by which the columns of a table share what their longest words leave
LETTER, EDGES = 2.3, 4  # mm: a bold letter, and what a cell leaves free at its sides


class Piece(NamedTuple):
    """Words that stand together; a line break is BREAK, which no page can hold: "\\n" is white space of a page."""

    text: str
    bold: bool = False


BREAK = Piece("\v")


def word(html: str, *, made_at: datetime, title: str = "") -> bytes:
    """The page as .docx: the same page is the same file. `title` where it is another than the page's."""
    from docx import Document  # a good part of a second, for whoever asks for a Word file and at no start
    from lxml import html as pages

    page = pages.document_fromstring(for_word(html))
    document = Document()
    _set_up(document, next((_text(one) for one in page.find_class("kp-running")), ""))
    _blocks(page.body, document)
    about = document.core_properties
    about.title = for_word(title) or str(page.findtext(".//title"))
    about.author = page.xpath("string(//meta[@name='author']/@content)")
    about.comments, about.language = "", "en-GB"
    about.created = about.modified = made_at.astimezone(UTC).replace(tzinfo=None)
    kept = io.BytesIO()
    document.save(kept)
    with zipfile.ZipFile(kept) as made:
        return packed({name: made.read(name) for name in made.namelist()})


def _set_up(document: Document, foot: str) -> None:
    """A4 in English, our letters, and whose it is at the foot of every page."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement
    from docx.shared import Mm, Pt, RGBColor

    for name in ("Normal", "Title", *(f"Heading {level}" for level in range(1, 5))):
        style: Any = document.styles[name]
        style.font.name, style.font.color.rgb = FONT, RGBColor(0x25, 0x20, 0x1C)
        fonts = style.element.rPr.rFonts
        for old in [one for one in fonts.attrib if one.endswith("Theme")]:  # it would go before the name
            del fonts.attrib[old]
        fonts.set(qn("w:hAnsi"), FONT)
    normal: Any = document.styles["Normal"]
    normal.font.size, normal.paragraph_format.space_after = Pt(10.5), Pt(4)
    for tongue in document.styles.element.iter(qn("w:lang")):
        tongue.set(qn("w:val"), "en-GB")
    sheet = document.sections[0]
    sheet.page_width, sheet.page_height = Mm(210), Mm(297)
    sheet.left_margin = sheet.right_margin = Mm(17)
    sheet.top_margin = sheet.bottom_margin = Mm(16)
    line = sheet.footer.paragraphs[0]
    line.add_run(f"{foot} · Page " if foot else "Page ")
    number = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    line._p.append(number)
    for run in line.runs:
        run.font.size = Pt(8)


def _blocks(element: Any, into: Any) -> None:
    """The paragraphs, lists and tables of an element, in order; loose words among them are a paragraph."""
    loose: list[Piece] = [Piece(element.text or "")]
    for one in element:
        if _is_left_out(one):
            pass
        elif one.tag in INLINE:
            loose += _pieces(one)
        else:
            _paragraph(into, loose)
            loose = []
            _block(one, into)
        loose.append(Piece(one.tail or ""))
    _paragraph(into, loose)


def _block(one: Any, into: Any) -> None:
    if re.fullmatch("h[1-6]", one.tag):
        _paragraph(into, _inside(one), f"Heading {min(int(one.tag[1]), 4)}")
    elif one.tag == "p":
        _paragraph(into, _inside(one), stays="kp-kicker" in _classes(one))
    elif one.tag in LISTS:
        ticked = bool(one.find_class("kp-box"))  # the box is mark enough
        for item in one:
            _paragraph(into, _inside(item), None if ticked else LISTS[one.tag])
    elif one.tag == "dl":
        for name in one.iter("dt"):
            _paragraph(into, [Piece(f"{_text(name)}: "), *_inside(name.getnext(), bold=True)])
    elif one.tag == "table":
        _table(one, into)
    elif "kp-lines" in _classes(one):
        for _ in range(3):
            _paragraph(into, [Piece(FOR_A_PEN["kp-line"] * 3)])
    else:
        _blocks(one, into)


def _is_left_out(one: Any) -> bool:
    if not isinstance(one.tag, str):  # a comment
        return True
    return one.tag in LEFT_OUT or bool(_classes(one) & {"kp-running", "kp-on-paper"})


def _classes(one: Any) -> frozenset[str]:
    return frozenset((one.get("class") or "").split())


def _text(one: Any) -> str:
    return "".join(piece.text for piece in _run_together(_inside(one))).replace(BREAK.text, "\n")


def _inside(element: Any, bold: bool = False) -> list[Piece]:
    """The words of an element that holds no paragraphs."""
    found = [Piece(element.text or "", bold)]
    for one in element:
        if not _is_left_out(one):
            found += _pieces(one, bold)
        found.append(Piece(one.tail or "", bold))
    return found


def _pieces(one: Any, bold: bool = False) -> Iterator[Piece]:
    classes = _classes(one)
    apart = one.tag == "small" or classes & LINE_OF_ITS_OWN or one.tag not in INLINE
    if one.tag == "br":
        yield BREAK
        return
    if apart:
        yield BREAK
    yield from (Piece(sign) for name, sign in FOR_A_PEN.items() if name in classes)
    yield from _inside(one, bold or one.tag in ("b", "strong"))
    if apart:
        yield BREAK
    elif one.tag == "strong" and one.getparent().tag == "li" and one.tail:  # a figure above its words
        yield Piece(" ")


def _run_together(pieces: list[Piece]) -> list[Piece]:
    """White space as a page shows it: one between words, none where a line begins or ends."""
    found: list[Piece] = []
    before = BREAK.text
    for text, bold in pieces:
        if text != BREAK.text:
            text = re.sub(r"[ \t\r\n]+", " ", text)
            if before[-1] in f" {BREAK.text}":
                text = text.lstrip(" ")
        elif before == BREAK.text:  # a line that is empty
            continue
        if not text:
            continue
        if text == BREAK.text and found[-1].text.endswith(" "):
            found[-1] = found[-1]._replace(text=found[-1].text.rstrip(" "))
        found.append(Piece(text, bold))
        before = text
    while found and not found[-1].text.strip(f" {BREAK.text}"):
        found.pop()
    if found:
        found[-1] = found[-1]._replace(text=found[-1].text.rstrip(" "))
    return found


def _paragraph(into: Any, pieces: list[Piece], style: str | None = None, *, stays: bool = False) -> None:
    """`stays` on the page of what comes next."""
    from docx.shared import Pt

    told = _run_together(pieces)
    if not told:
        return
    paragraph = into.add_paragraph(style=style)
    if stays:
        paragraph.paragraph_format.keep_with_next = True
    if style is None and _is_below_a_table(paragraph._p):
        paragraph.paragraph_format.space_before = Pt(4)
    for text, bold in told:
        run = paragraph.add_run()
        if text == BREAK.text:
            run.add_break()
        else:
            run.text, run.bold = text, bold or None


def _table(element: Any, into: Any) -> None:
    """Its head comes again on every page, and no row is broken. Columns that hold pictures alone are left out."""
    from docx.oxml.parser import OxmlElement

    rows = [
        [cell for cell in row if cell.tag in ("th", "td") and not _is_left_out(cell)]
        for row in element.iter("tr")
    ]
    spans = [[int(cell.get("colspan", 1)) for cell in row] for row in rows]
    count = max((sum(row) for row in spans), default=0)
    if all(span == 1 for row in spans for span in row):
        kept = [at for at in range(count) if any(_text(row[at]) for row in rows if at < len(row))]
        rows = [[row[at] for at in kept if at < len(row)] for row in rows]
        spans, count = [[1] * len(row) for row in rows], len(kept)
    if not count:
        return
    table = into.add_table(0, count)
    if _is_below_a_table(table._tbl):  # to Word the two were one
        table._tbl.addprevious(OxmlElement("w:p"))
    table.style = "Table Grid"
    for column, width in zip(table.columns, _widths(rows, count), strict=True):
        column.width = width
    heads = len(element.findall("thead/tr"))
    for number, (cells, across) in enumerate(zip(rows, spans, strict=True)):
        row = table.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number < heads:
            properties.append(OxmlElement("w:tblHeader"))
        places, at = row.cells, 0
        for cell, span in zip(cells, across, strict=True):
            _cell(cell, places[at].merge(places[at + span - 1]) if span > 1 else places[at])
            at += span


def _is_below_a_table(block: Any) -> bool:
    above = block.getprevious()
    return above is not None and above.tag.endswith("}tbl")


def _cell(cell: Any, place: Any) -> None:
    empty = place.paragraphs[0]._p  # which every new cell has
    if any(one.tag in ("p", "ul", "ol", "dl", "article") for one in cell):
        _blocks(cell, place)
    else:
        _paragraph(place, _inside(cell, bold=cell.tag == "th"))
    if place.paragraphs[-1]._p is not empty:
        empty.getparent().remove(empty)


def _widths(rows: list[list[Any]], count: int) -> list[Any]:
    """Each column as wide as its longest word; more the more it says. Together a line of the page."""
    from docx.shared import Mm

    columns = [[_text(row[at]) for row in rows if at < len(row)] for at in range(count)]
    least = [
        EDGES
        + LETTER * min(max((len(one) for text in column for one in text.split()), default=0), LONGEST / 2)
        for column in columns
    ]
    letters = [min(max(map(len, column), default=1), LONGEST) for column in columns]
    left = max(176 - sum(least), 0)
    wide = [one + left * of / (sum(letters) or 1) for one, of in zip(least, letters, strict=True)]
    return [Mm(176 * one / sum(wide)) for one in wide]
