"""Makes docs/samples/authority-form-*.docx: the forms of two invented authorities, as forms of authorities are.

`python -m reports.authority.samples` writes them again. Aldershire's is one long table with merged cells, content
controls, Y / N and a box that Word ticks; Netherwick's is free text with ticks on lines, a page for each outcome, and
marks in its header and footer. Their words are in reports/fixtures/form_*.txt: a line a row, or a line a paragraph with
a heading after "##" and a new page at "---".
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

from .package import packed

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "samples"
_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def _start() -> Any:
    document = Document()
    document.styles["Normal"].font.name = "Liberation Sans"
    document.styles["Normal"].font.size = Pt(10)
    document.core_properties.author = document.core_properties.comments = ""
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
    return document


def _lines(form: str) -> list[str]:
    path = Path(__file__).parents[1] / "fixtures" / f"form_{form}.txt"
    return path.read_text(encoding="utf-8").splitlines()


def _done(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as made:
        return packed({name: made.read(name) for name in made.namelist()})


def _control(tag: str, prompt: str) -> Any:
    """A content control with the name of a field as its tag, as Word draws it: grey words until it is filled."""
    return parse_xml(
        f'<w:sdt {nsdecls("w")}><w:sdtPr><w:alias w:val="{prompt}"/><w:tag w:val="{tag}"/><w:showingPlcHdr/><w:text/></w:sdtPr>'
        f'<w:sdtContent><w:r><w:rPr><w:color w:val="808080"/></w:rPr><w:t>{prompt}</w:t></w:r></w:sdtContent></w:sdt>'
    )


def _tick_box(tag: str) -> Any:
    return parse_xml(
        f'<w:sdt {nsdecls("w")} {_W14}><w:sdtPr><w:tag w:val="{tag}"/><w14:checkbox><w14:checked w14:val="0"/>'
        '<w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/>'
        "</w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt>"
    )


COLUMNS = 6


def _add_row(table: Any, line: str) -> None:
    """Bold after "#"; a cell that says "<", or is not there, goes on with the one before it.

    "☐" begins the tag of a tick box, "…" that of a content control and its prompt.
    """
    bold, cells = line.startswith("# "), line.removeprefix("# ").split(" | ")
    row = table.add_row()
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    for place, cell in enumerate(cells + ["<"] * (COLUMNS - len(cells))):
        if cell == "<":
            row.cells[place - 1].merge(row.cells[place])
            continue
        words, *tag = re.split("[☐…]", cell)
        paragraph = row.cells[place].paragraphs[0]
        run = paragraph.add_run(words)
        run.bold = bold or (place % 2 == 0 and "{" not in words and words != "")
        if tag:
            paragraph._p.append(_tick_box(*tag) if "☐" in cell else _control(*tag[0].split(": ")))


def aldershire() -> bytes:
    document = _start()
    document.add_heading("Aldershire Council", 1)
    document.add_paragraph(
        "Annual review of an Education, Health and Care plan. Type, please; do not write by hand."
    )
    table = document.add_table(rows=0, cols=COLUMNS)
    table.style = "Table Grid"
    for line in _lines("aldershire"):
        _add_row(table, line)
    return _done(document)


def netherwick() -> bytes:
    document = _start()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Netherwick Borough: {{ student.name }}, born {{ student.born }}"
    section.footer.paragraphs[0].text = "Case {{ plan.case_number }}"
    document.add_heading("Review of the EHC plan of {{ student.name }}", 1)
    for line in _lines("netherwick"):
        if line == "---":
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        elif line.startswith("## "):
            document.add_heading(line.removeprefix("## "), 2)
        else:
            document.add_paragraph(line)
    return _done(document)


SAMPLES = {"authority-form-aldershire.docx": aldershire, "authority-form-netherwick.docx": netherwick}

if __name__ == "__main__":
    for name, make in SAMPLES.items():
        (FOLDER / name).write_bytes(make())
