"""Makes docs/samples/authority-form-*.docx: the forms of two invented authorities, as forms of authorities are.

`python -m reports.authority.samples` writes them again. Aldershire's is one long table with merged cells, content
controls, Y / N and a box that Word ticks; Netherwick's is free text with ticks on lines, a page for each outcome, and
marks in its header and footer.
"""

from __future__ import annotations

import io
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


def _row(table: Any, *cells: str, bold: bool = False) -> Any:
    """A row; a cell that says "<" is merged with the one to its left."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
    for place, words in enumerate(cells):
        if words == "<":
            row.cells[place - 1].merge(row.cells[place])
        else:
            run = row.cells[place].paragraphs[0].add_run(words)
            run.bold = bold or (place % 2 == 0 and "{" not in words and words != "")
    return row


def aldershire() -> bytes:
    """One long table of six columns."""
    document = _start()
    document.add_heading("Aldershire Council", 1)
    document.add_paragraph(
        "Annual review of an Education, Health and Care plan. Type, please; do not write by hand."
    )
    table = document.add_table(rows=0, cols=6)
    table.style = "Table Grid"
    _row(table, "Part A: the child or young person", "<", "<", "<", "<", "<", bold=True)
    _row(
        table,
        "Full legal name",
        "{{ student.name }}",
        "<",
        "Date of birth: {{ student.born }} / Year group: {{ student.year }}",
        "<",
        "<",
    )
    _row(
        table, "UPN", "{{ student.upn }}", "Sex", "{{ student.sex }}", "Ethnicity", "{{ student.ethnicity }}"
    )
    row = _row(table, "Address", "{{ student.address }}", "<", "Case number", "", "<")
    row.cells[4].paragraphs[0]._p.append(_control("plan.case_number", "Click to type the case number"))
    _row(
        table,
        "Looked after Y / N",
        "{{ student.looked_after.y_n }}",
        "Pupil premium",
        "Yes {{ student.pupil_premium.yes }}",
        "No {{ student.pupil_premium.no }}",
        "<",
    )
    _row(
        table,
        "Social worker",
        "{{ student.social_worker }}",
        "<",
        "Contact",
        "{{ student.social_worker_reach }}",
        "<",
    )
    _row(table, "School", "{{ school.name }}", "<", "Admitted", "{{ student.joined }}", "<")
    _row(
        table,
        "Attendance",
        "{{ attendance.percent }} %",
        "Days suspended",
        "{{ attendance.suspended_days }}",
        "Out of year",
        "{{ student.out_of_year }}",
    )
    _row(
        table,
        "Plan in force",
        "{{ plan.issued }}",
        "Last review",
        "{{ plan.last_review }}",
        "This meeting",
        "{{ review.held }}",
    )
    _row(table, "Part B: parents and carers", "<", "<", "<", "<", "<", bold=True)
    for parent in ("parent1", "parent2"):
        _row(
            table,
            "Name",
            f"{{{{ {parent}.name }}}}",
            "Relationship",
            f"{{{{ {parent}.relationship }}}}",
            "Parental responsibility",
            f"Yes {{{{ {parent}.has_responsibility.yes.box }}}} No {{{{ {parent}.has_responsibility.no.box }}}}",
        )
        _row(
            table, "Contact no.", f"{{{{ {parent}.phone }}}}", "<", "E-mail", f"{{{{ {parent}.email }}}}", "<"
        )
    _row(table, "Part C: invited, present, advice", "<", "<", "<", "<", "<", bold=True)
    _row(table, "Name", "Role", "<", "Invited", "Present", "Advice Y / N", bold=True)
    _row(table, "{%tr for person in people %}", "<", "<", "<", "<", "<")
    _row(
        table,
        "{{ person.name }}",
        "{{ person.role }}",
        "<",
        "{{ person.invited.tick }}",
        "{{ person.present.tick }}",
        "{{ person.advice.y_n }}",
    )
    _row(table, "{%tr endfor %}", "<", "<", "<", "<", "<")
    _row(table, "Part D: outcomes in section E of the plan", "<", "<", "<", "<", "<", bold=True)
    _row(table, "No.", "Outcome", "<", "Progress since the last review", "<", "Met Y / N", bold=True)
    _row(table, "{%tr for outcome in outcomes %}", "<", "<", "<", "<", "<")
    _row(
        table,
        "{{ outcome.number }}",
        "{{ outcome.text }}",
        "<",
        "{{ outcome.progress }} {{ outcome.why }}",
        "<",
        "{{ outcome.achieved.y_n }}",
    )
    _row(table, "{%tr endfor %}", "<", "<", "<", "<", "<")
    _row(table, "Part E: views and recommendation", "<", "<", "<", "<", "<", bold=True)
    _row(table, "Views of the young person", "{{ views.student }}", "<", "<", "<", "<")
    _row(table, "Views of parents", "{{ views.parents }}", "<", "<", "<", "<")
    row = _row(
        table, "Recommendation, tick ONE", "Keep the plan ", "<", "Change the plan ", "<", "End the plan "
    )
    for place, key in ((1, "keep"), (3, "amend"), (5, "end")):
        row.cells[place].paragraphs[0]._p.append(_tick_box(f"review.recommendation.{key}"))
    _row(
        table,
        "Sections to change",
        "B {{ review.sections.b.box }}",
        "E {{ review.sections.e.box }}",
        "F {{ review.sections.f.box }}",
        "I {{ review.sections.i.box }}",
        "All: {{ review.sections }}",
    )
    _row(table, "Signed (headteacher)", "{{ school.head }}", "<", "Date", "{{ review.signed }}", "<")
    return _done(document)


def netherwick() -> bytes:
    """Paragraphs with dotted lines, ticks in the text, a page for each outcome."""
    document = _start()
    section = document.sections[0]
    section.header.paragraphs[0].text = "Netherwick Borough: {{ student.name }}, born {{ student.born }}"
    section.footer.paragraphs[0].text = "Case {{ plan.case_number }}"
    document.add_heading("Review of the EHC plan of {{ student.name }}", 1)
    document.add_paragraph(
        "Tick one: annual {{ review.kind.annual.box }}  interim {{ review.kind.interim.box }}  early {{ review.kind.early.box }}  Year 9 {{ review.kind.year_9.box }}"
    )
    document.add_paragraph("Date of meeting ....{{ review.held }}....  Chair ....{{ review.chaired_by }}....")
    document.add_paragraph(
        "School: {{ school.name }}. Year group: {{ student.year }}. Home language: {{ student.language }}."
    )
    document.add_paragraph(
        "Plan in force since {{ plan.issued }}; last reviewed {% if plan.last_review %}{{ plan.last_review }}{% else %}never{% endif %}."
    )
    document.add_paragraph(
        "In care: yes {{ student.looked_after.yes.box }} no {{ student.looked_after.no.box }}"
    )
    document.add_heading("Parents and carers", 2)
    document.add_paragraph("{%p for parent in parents %}")
    document.add_paragraph(
        "{{ parent.name }} ({{ parent.relationship }}). Parental responsibility: {{ parent.responsibility }}. {{ parent.phone }}"
    )
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("First named: {{ parents[0].name }}. Second named: {{ parents[1].name }}.")
    document.add_heading("Attendance", 2)
    document.add_paragraph(
        "{{ attendance.attended }} of {{ attendance.possible }} sessions ({{ attendance.percent }} %), {{ attendance.unauthorised }} unauthorised."
    )
    document.add_heading("What {{ student.known_as }} says", 2)
    document.add_paragraph("{{ views.student }}")
    document.add_heading("What the family says", 2)
    document.add_paragraph("{{ views.parents }}")
    document.add_heading("Preparing for adulthood", 2)
    for key, words in (
        ("employment", "Employment"),
        ("living", "Independent living"),
        ("community", "Friends and community"),
        ("health", "Health"),
    ):
        document.add_paragraph(f"{words}: {{{{ adulthood.{key} }}}}")
    document.add_heading("Recommendation", 2)
    for key, words in (
        ("keep", "The plan stays as it is"),
        ("amend", "The plan is changed"),
        ("end", "The plan ends"),
    ):
        document.add_paragraph(f"{{{{ review.recommendation.{key}.box }}}} {words}")
    document.add_paragraph("What should change: {{ review.changes }}")
    document.add_paragraph("Written by {{ review.written_by }} on {{ paper.day }}.")
    document.add_paragraph("{%p for outcome in outcomes %}")
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.add_heading("Annex for outcome {{ outcome.number }}", 2)
    document.add_paragraph("{{ outcome.text }}")
    document.add_paragraph(
        "Area: {{ outcome.area }}. Preparing for adulthood: {{ outcome.pfa }}. By {{ outcome.target }}."
    )
    document.add_paragraph(
        "Reached: yes {{ outcome.achieved.yes.box }} no {{ outcome.achieved.no.box }}. {{ outcome.progress }}. {{ outcome.why }}"
    )
    document.add_paragraph("Goals: {{ outcome.goals }}")
    document.add_paragraph("{%p endfor %}")
    return _done(document)


SAMPLES = {"authority-form-aldershire.docx": aldershire, "authority-form-netherwick.docx": netherwick}

if __name__ == "__main__":
    for name, make in SAMPLES.items():
        (FOLDER / name).write_bytes(make())
