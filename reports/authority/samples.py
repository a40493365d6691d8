"""Makes docs/samples/authority-form-*.docx: the forms of two invented authorities, as forms of authorities are.

`python -m reports.authority.samples` writes them again. Aldershire's is one long table with merged cells, content
controls, Y / N and a box that Word ticks; Netherwick's is free text with ticks on lines, a page for each outcome, and
marks in its header and footer.
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


# A line a row, bold after "#"; of six columns a cell that says "<", or is not there, goes on with the one before it.
# "☐" begins the tag of a tick box, "…" that of a content control and its prompt.
_ALDERSHIRE = """\
# Part A: the child or young person
Full legal name | {{ student.name }} | < | Date of birth: {{ student.born }} / Year group: {{ student.year }}
UPN | {{ student.upn }} | Sex | {{ student.sex }} | Ethnicity | {{ student.ethnicity }}
Address | {{ student.address }} | < | Case number | …plan.case_number: Click to type the case number
Looked after Y / N | {{ student.looked_after.y_n }} | Pupil premium | Yes {{ student.pupil_premium.yes }} | No {{ student.pupil_premium.no }}
Social worker | {{ student.social_worker }} | < | Contact | {{ student.social_worker_reach }}
School | {{ school.name }} | < | Admitted | {{ student.joined }}
Attendance | {{ attendance.percent }} % | Days suspended | {{ attendance.suspended_days }} | Out of year | {{ student.out_of_year }}
Plan in force | {{ plan.issued }} | Last review | {{ plan.last_review }} | This meeting | {{ review.held }}
# Part B: parents and carers
Name | {{ parent1.name }} | Relationship | {{ parent1.relationship }} | Parental responsibility | Yes {{ parent1.has_responsibility.yes.box }} No {{ parent1.has_responsibility.no.box }}
Contact no. | {{ parent1.phone }} | < | E-mail | {{ parent1.email }}
Name | {{ parent2.name }} | Relationship | {{ parent2.relationship }} | Parental responsibility | Yes {{ parent2.has_responsibility.yes.box }} No {{ parent2.has_responsibility.no.box }}
Contact no. | {{ parent2.phone }} | < | E-mail | {{ parent2.email }}
# Part C: invited, present, advice
# Name | Role | < | Invited | Present | Advice Y / N
{%tr for person in people %}
{{ person.name }} | {{ person.role }} | < | {{ person.invited.tick }} | {{ person.present.tick }} | {{ person.advice.y_n }}
{%tr endfor %}
# Part D: outcomes in section E of the plan
# No. | Outcome | < | Progress since the last review | < | Met Y / N
{%tr for outcome in outcomes %}
{{ outcome.number }} | {{ outcome.text }} | < | {{ outcome.progress }} {{ outcome.why }} | < | {{ outcome.achieved.y_n }}
{%tr endfor %}
# Part E: views and recommendation
Views of the young person | {{ views.student }}
Views of parents | {{ views.parents }}
Recommendation, tick ONE | Keep the plan ☐review.recommendation.keep | < | Change the plan ☐review.recommendation.amend | < | End the plan ☐review.recommendation.end
Sections to change | B {{ review.sections.b.box }} | E {{ review.sections.e.box }} | F {{ review.sections.f.box }} | I {{ review.sections.i.box }} | All: {{ review.sections }}
Signed (headteacher) | {{ school.head }} | < | Date | {{ review.signed }}
"""
COLUMNS = 6


def _add_row(table: Any, line: str) -> None:
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
    for line in _ALDERSHIRE.splitlines():
        _add_row(table, line)
    return _done(document)


# A line a paragraph, a heading after "##"; a page begins at "---".
_NETHERWICK = """\
Tick one: annual {{ review.kind.annual.box }}  interim {{ review.kind.interim.box }}  early {{ review.kind.early.box }}  Year 9 {{ review.kind.year_9.box }}
Date of meeting ....{{ review.held }}....  Chair ....{{ review.chaired_by }}....
School: {{ school.name }}. Year group: {{ student.year }}. Home language: {{ student.language }}.
Plan in force since {{ plan.issued }}; last reviewed {% if plan.last_review %}{{ plan.last_review }}{% else %}never{% endif %}.
In care: yes {{ student.looked_after.yes.box }} no {{ student.looked_after.no.box }}
## Parents and carers
{%p for parent in parents %}
{{ parent.name }} ({{ parent.relationship }}). Parental responsibility: {{ parent.responsibility }}. {{ parent.phone }}
{%p endfor %}
First named: {{ parents[0].name }}. Second named: {{ parents[1].name }}.
## Attendance
{{ attendance.attended }} of {{ attendance.possible }} sessions ({{ attendance.percent }} %), {{ attendance.unauthorised }} unauthorised.
## What {{ student.known_as }} says
{{ views.student }}
## What the family says
{{ views.parents }}
## Preparing for adulthood
Employment: {{ adulthood.employment }}
Independent living: {{ adulthood.living }}
Friends and community: {{ adulthood.community }}
Health: {{ adulthood.health }}
## Recommendation
{{ review.recommendation.keep.box }} The plan stays as it is
{{ review.recommendation.amend.box }} The plan is changed
{{ review.recommendation.end.box }} The plan ends
What should change: {{ review.changes }}
Written by {{ review.written_by }} on {{ paper.day }}.
{%p for outcome in outcomes %}
---
## Annex for outcome {{ outcome.number }}
{{ outcome.text }}
Area: {{ outcome.area }}. Preparing for adulthood: {{ outcome.pfa }}. By {{ outcome.target }}.
Reached: yes {{ outcome.achieved.yes.box }} no {{ outcome.achieved.no.box }}. {{ outcome.progress }}. {{ outcome.why }}
Goals: {{ outcome.goals }}
{%p endfor %}
"""


def netherwick() -> bytes:
    document = _start()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Netherwick Borough: {{ student.name }}, born {{ student.born }}"
    section.footer.paragraphs[0].text = "Case {{ plan.case_number }}"
    document.add_heading("Review of the EHC plan of {{ student.name }}", 1)
    for line in _NETHERWICK.splitlines():
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
