"""The keeping-in-touch report: what it says, what it never says, and what kind of PDF it is."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pikepdf
import pypdf
import pytest

from keywork import school
from reports import rendering
from reports.kinds import KINDS
from tests.access.records import contact, session
from tests.world import TODAY, make_student

TERM = "2026-27-autumn"
KIND = KINDS["keeping-in-touch"]
A_DAY = timedelta(days=1)


def on(day: date, **fields):
    return {"happened_on": day, "logged_on": day, **fields}


def context(student, known_on=TODAY):
    facts = school.load()
    return KIND.build([student], facts.calendar.term(TERM), known_on, facts)[student.pk]


def html(student, **kwargs):
    return rendering.page(KIND.template, context(student, **kwargs))


@pytest.fixture
def mina(world):
    by = world.u_keyworker
    for day in (
        date(2026, 9, 8),
        date(2026, 9, 22),
        date(2026, 10, 6),
        date(2026, 10, 20),
        date(2026, 11, 3),
    ):
        contact(world.mina, by, **on(day, notes="Private words"))
    contact(world.mina, by, **on(date(2026, 11, 16), reached="no_answer", outcome="no_answer"))
    contact(world.mina, by, **on(date(2026, 11, 20), channel="email", direction="in"))
    session(world.mina, by, **on(date(2026, 9, 18)))
    session(world.mina, by, **on(date(2026, 11, 10), status="declined", topics=[]))
    return world.mina


def test_in_time_figure_is_the_rule(mina):
    built = context(mina)
    # Silent before 8 September, so overdue on the 7th; due on 17 November and made on the 20th, so overdue
    # on the 18th and 19th: 3 of the 78 days from 7 September.
    assert (built["figures"].overdue_days, built["figures"].counted_days) == (3, 78)
    assert str(built["figures"].in_time_pct) == "96.2"
    assert built["figures"].breaches == (date(2026, 11, 17),)
    assert built["ways"] == [("phone call", 5), ("e-mail", 1)]
    assert (built["tries"], built["held"]) == (1, 1)


def test_says_when_and_about_what_and_never_what_was_said(mina):
    page = html(mina)
    assert "96.2% of days" in page
    assert "Tuesday 8 September 2026" in page
    assert "E-mail, from home" in page
    assert "Min said not this time" in page
    assert "Private words" not in page
    assert "Folake" not in page


def test_restricted_voided_and_unapproved_entries_are_not_listed(mina, world):
    by = world.u_keyworker
    day = date(2026, 9, 30)
    contact(mina, by, **on(day, level="restricted"))
    contact(mina, by, **on(day, voided_on=TODAY, voided_by=by, void_reason="Wrong student"))
    contact(mina, by, happened_on=day, logged_on=TODAY, needs_approval=True)
    assert "30 September" not in html(mina)
    contact(mina, by, **on(day))
    assert "30 September" in html(mina)


def test_as_known_on_an_earlier_day(mina):
    then = html(mina, known_on=date(2026, 10, 1))
    assert "as known on Thursday 1 October 2026" in then
    assert "22 September" in then and "6 October" not in then


def test_six_queries_however_many_students(mina, world, django_assert_num_queries):
    facts = school.load()
    term = facts.calendar.term(TERM)
    for students in ([mina], [mina, world.otto, *[make_student(f"Child{n}", "Many") for n in range(20)]]):
        with django_assert_num_queries(5):
            assert len(KIND.build(students, term, TODAY, facts)) == len(students)


def test_pdf_is_tagged_ua_with_title_and_language(mina):
    made = rendering.pdf(html(mina))
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot is not None
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Min’s autumn term 2026/27: keeping in touch"
        assert len(pdf.pages) == made.pages
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages)
    assert "as known on Monday 23 November 2026" in text.replace("\n", " ")
    assert "Private words" not in text


def test_empty_term_is_said_kindly(world):
    page = html(make_student("New", "Today", joined_on=TODAY))
    assert "No contact between school and home is written down for this term yet." in page
    assert "None" not in page.replace("None yet.", "")


def test_a_report_fetches_nothing(caplog):
    made = rendering.pdf(
        '<html lang="en"><title>x</title><p>a</p><img src="file:///etc/passwd" alt="x"></html>'
    )
    assert b"root:" not in made.content
    assert "may not fetch file:///etc/passwd" in caplog.text
