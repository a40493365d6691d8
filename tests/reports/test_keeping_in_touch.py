"""The keeping-in-touch report: what it says, what it never says, and what kind of PDF it is."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pikepdf
import pypdf
import pytest

from keywork import school
from reports import rendering
from reports.actions import make_reports, order_batch, release
from reports.kinds import KINDS
from reports.models import Recipient
from students.models import FamilyLink
from tests.access.records import contact as logged
from tests.access.records import session
from tests.world import TODAY, make_family, make_student, make_user

TERM = "2026-27-autumn"
KIND = KINDS["keeping-in-touch"]
A_DAY = timedelta(days=1)


def on(day: date, **fields):
    return {"happened_on": day, "logged_on": day, **fields}


def context(student, known_on=TODAY):
    facts = school.load()
    return KIND.build([student], facts.calendar.term(TERM), known_on, facts)[student.pk][0]


def html(student, **kwargs):
    return rendering.page(KIND.template, context(student, **kwargs))


@pytest.fixture
def contact(world):
    def log(student, by, **fields):
        return logged(student, by, member=world.mina_mum.member, **fields)

    return log


@pytest.fixture
def mina(world, contact):
    # Everyone who gets reports lives together, so there is one report.
    FamilyLink.objects.filter(student=world.mina, ended_on__isnull=True).update(household="Mill Lane")
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
    assert "Keyworker spoke with Folake, phone call" in page
    assert "Keyworker tried to ring Folake, phone call" in page  # as on the page of home
    assert "Min said not this time" in page
    assert "Private words" not in page
    assert "Going well" not in page  # what it was about is told where somebody chose to share it


def test_restricted_voided_and_withheld_entries_are_not_listed(mina, world, contact):
    by = world.u_keyworker
    day = date(2026, 9, 30)
    contact(mina, by, **on(day, level="restricted"))
    contact(mina, by, **on(day, voided_on=TODAY, voided_by=by, void_reason="Wrong student"))
    contact(mina, by, **on(day, withheld_reason="They asked us to."))
    logged(mina, by, **on(day))  # with somebody who is not on file
    assert "30 September" not in html(mina)
    contact(mina, by, **on(day, shared=True, shared_summary="We talked about lunch."))
    assert "30 September" in html(mina) and "We talked about lunch." in html(mina)


def test_page_and_paper_list_the_same(mina, world, as_user, contact):
    """Also what was written down late: it happened, and stands on the page; it counts in no figure."""
    contact(mina, world.u_keyworker, happened_on=date(2026, 10, 1), logged_on=TODAY, needs_approval=True)
    client, page, there = as_user(world.u_parent), 1, []
    while True:
        shown = client.get("/home/", {"page": page}).context
        there += [(one.on, one.line) for one in shown["in_touch"]]
        if not shown["contacts"].has_next():
            break
        page += 1
    paper = context(mina)["listed"]
    assert len(paper) == 8
    assert [(one.on, one.how.split(",")[0].replace("Folake", "you")) for one in reversed(paper)] == [
        (day, line.replace("You rang", "you rang").replace("You wrote", "you wrote")) for day, line in there
    ]


def test_each_household_gets_its_own(mina, world, as_user):
    """One paper told father the days on which mother was rung, which his page does not."""
    dad_user = make_user("dad", "family")
    dad = make_family(mina, "Theo", "Quay", user=dad_user, household="Quay Street", lives_with=False)
    logged(mina, world.u_keyworker, member=dad.member, **on(date(2026, 10, 14)))
    facts = school.load()
    mum_s, dad_s = KIND.build([mina], facts.calendar.term(TERM), TODAY, facts)[mina.pk]
    assert "14 October" not in str(mum_s["listed"]) and len(mum_s["listed"]) == 7
    assert [one.on for one in dad_s["listed"]] == [date(2026, 10, 14)]
    assert dad_s["written_for"] == "Theo Quay" and "Folake" not in str(dad_s["listed"])
    page = rendering.page(KIND.template, dad_s)
    assert "14 October" in page and "Tuesday 8 September" not in page
    batch = order_batch(kind=KIND.slug, term=TERM, students=[mina], by=world.u_head)
    assert make_reports(batch=batch, student_ids=[mina.pk]) == 2
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert make_reports(batch=batch, student_ids=[mina.pk]) == 0
    release(reports=batch.reports.all(), by=world.u_head)
    went = {(one.report.title, one.member_id) for one in Recipient.objects.select_related("report")}
    for title, member_id in went:
        assert ("Theo Quay" in title) == (member_id == dad.member_id), title
    assert any("Theo Quay" in title for title, _ in went) and len(went) > 1
    assert "for Theo Quay" in as_user(dad_user).get("/home/").content.decode()


def test_as_known_on_an_earlier_day(mina):
    then = html(mina, known_on=date(2026, 10, 1))
    assert "as known on Thursday 1 October 2026" in then
    assert "22 September" in then and "6 October" not in then


def test_six_queries_however_many_students(mina, world, django_assert_num_queries):
    facts = school.load()
    term = facts.calendar.term(TERM)
    for students in ([mina], [mina, world.otto, *[make_student(f"Child{n}", "Many") for n in range(20)]]):
        with django_assert_num_queries(6):
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
