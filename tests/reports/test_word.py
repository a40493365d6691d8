"""Word files: what of a page stands in one, and how."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from docx import Document

from reports.word import word

PAGE = """<!doctype html><html lang="en-GB"><head><title>A paper – A school</title><meta name="author" content="A school">
<style>p {{}}</style></head><body class="kp-paper"><main><p class="kp-running">Whose it is</p>{}</main></body></html>"""
AT = datetime(2026, 11, 23, tzinfo=UTC)


def made(body: str):
    return Document(io.BytesIO(word(PAGE.format(body), made_at=AT)))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<h1>One</h1><h2>Two</h2>", [("Heading 1", "One"), ("Heading 2", "Two")]),
        ("<p>A  <strong>b</strong>c\n d.</p>", [("Normal", "A bc d.")]),
        ("<p><span>E-mail</span>\n<span>a@b.c</span></p>", [("Normal", "E-mail a@b.c")]),
        ("<p>A<br>b <br> c</p>", [("Normal", "A\nb\nc")]),
        ("<ul><li>a</li><li>b</li></ul>", [("List Bullet", "a"), ("List Bullet", "b")]),
        ("<dl><div><dt>Born</dt><dd>1 June</dd></div></dl>", [("Normal", "Born: 1 June")]),
        ("<ul><li><strong>3</strong>on roll</li></ul>", [("List Bullet", "3 on roll")]),
        ("<section>loose<p>words</p></section>", [("Normal", "loose"), ("Normal", "words")]),
        ("<p>Yes <svg><title>a picture</title></svg></p>", [("Normal", "Yes")]),
        ("<p>on <span class='kp-on-paper'>page 3</span></p>", [("Normal", "on")]),
        ("<p class='kp-in-word'>in Word</p>", [("Normal", "in Word")]),
        ("<p><span class='kp-box'></span>Go on</p>", [("Normal", "☐ Go on")]),
        (
            "<ul><li><span class='kp-box'></span>Yes</li><li>Or <span class='kp-rule'></span></li></ul>",
            [("Normal", "☐ Yes"), ("Normal", "Or ____________")],
        ),
        ("<article><small>Asked</small> Said</article>", [("Normal", "Asked\nSaid")]),
        ("<p>a\x00b\u202ec</p>", [("Normal", "abc")]),
        ("<p></p><section> </section>", []),
    ],
)
def test_paragraphs(body, told):
    assert [(one.style.name, one.text) for one in made(body).paragraphs] == told


def test_a_table_keeps_its_head_its_spans_and_no_column_of_pictures():
    table = made(
        "<table><thead><tr><th>When</th><th><svg></svg></th><th>What</th></tr></thead>"
        "<tbody><tr><th>May</th><td><svg></svg></td><td><p>a</p><p>b</p></td></tr></tbody></table>"
    ).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["When", "What"], ["May", "a\nb"]]
    assert ["tblHeader" in row._tr.xml for row in table.rows] == [True, False]
    assert all("cantSplit" in row._tr.xml for row in table.rows)
    spanned = made("<table><tr><td>a</td><td>b</td></tr><tr><td colspan='2'>c</td></tr></table>").tables[0]
    assert [[cell.text for cell in row.cells] for row in spanned.rows] == [["a", "b"], ["c", "c"]]


def test_a_column_is_as_wide_as_its_longest_word():
    words = "<td>Sits back, answers in sentences and looks about</td>"
    body = f"<table><tr><th>Recovery</th>{words * 5}</tr></table>"
    first, *rest = [column.width.mm for column in made(body).tables[0].columns]
    assert first >= 8 * 2.2 + 3.8  # bold letters of Arial, and the edges of a cell
    assert round(first + sum(rest)) == 176
    assert [round(one) for one in rest] == [round(rest[0])] * 5


def test_two_tables_stay_two_and_a_note_stands_off():
    document = made("<table><tr><td>a</td></tr></table><table><tr><td>b</td></tr></table><p>Note</p>")
    inside = list(document.iter_inner_content())
    assert [type(one).__name__ for one in inside] == ["Table", "Paragraph", "Table", "Paragraph"]
    assert inside[-1].paragraph_format.space_before


def test_the_number_of_a_part_stays_with_its_heading():
    part, _ = made("<p class='kp-kicker'>Part 2</p><h2>Views</h2>").paragraphs
    assert part.paragraph_format.keep_with_next


def test_it_is_a4_in_english_and_says_whose_it_is_on_every_page():
    document = made("<h1>x</h1>")
    about, sheet = document.core_properties, document.sections[0]
    assert (about.title, about.author, about.language) == ("A paper – A school", "A school", "en-GB")
    assert about.created.date() == about.modified.date() == AT.date()
    assert round(sheet.page_width.mm) == 210
    assert sheet.footer.paragraphs[0].text.startswith("Whose it is · Page")
    assert 'w:val="en-GB"' in document.styles.element.xml


def test_the_same_page_is_the_same_file_and_a_long_one_is_made_in_seconds():
    rows = "".join(f"<tr><th>{n}</th><td>{'words ' * 20}</td><td>x</td></tr>" for n in range(400))
    page = PAGE.format(f"<table>{rows}</table>")
    began = datetime.now(UTC)
    first = word(page, made_at=AT)
    assert (datetime.now(UTC) - began).total_seconds() < 30
    assert word(page, made_at=AT) == first
