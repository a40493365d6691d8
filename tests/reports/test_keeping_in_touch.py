"""The keeping-in-touch report: what it says, what it never says, and what kind of PDF it is."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pikepdf
import pypdf
import pytest

from contacts.actions.misses import record_misses, withdraw_miss
from contacts.home_contact import Figures
from keywork import school
from reports import rendering
from reports.actions import make_reports, order_batch, release
from reports.keeping_in_touch import on_paper
from reports.kinds import KINDS
from reports.models import Recipient
from reports.sections import Span
from reports.sections.home import in_touch
from students.models import FamilyLink
from tests.access.records import contact as logged
from tests.access.records import session
from tests.policies import set_policy
from tests.reading import as_read
from tests.world import TODAY, make_family, make_student, make_user

TERM = "2026-27-autumn"
KIND = KINDS["keeping-in-touch"]
A_DAY = timedelta(days=1)


def on(day: date, **fields):
    return {"happened_on": day, "logged_on": day, **fields}


def context(student, known_on=TODAY, term=TERM):
    facts = school.load()
    return KIND.build([student], facts.calendar.term(term), known_on, facts)[student.pk][0]


def html(student, **kwargs):
    return as_read(rendering.page(KIND.template, context(student, **kwargs)))


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
    contact(world.mina, by, **on(date(2026, 11, 20), channel="email", direction="in", reached="message"))
    session(world.mina, by, **on(date(2026, 9, 18)))
    session(world.mina, by, **on(date(2026, 11, 10), status="declined", topics=[]))
    return world.mina


def test_in_time_figure_is_the_rule(mina):
    built = context(mina)
    # Silent before 8 September, so overdue on the 7th; due on 17 November and made on the 20th, so overdue
    # on the 18th and 19th: 3 of the 78 days from 7 September.
    assert (built["figures"].overdue_days, built["figures"].counted_days) == (3, 78)
    assert str(built["figures"].in_time_pct) == "96.2"
    assert built["figures"].late == (date(2026, 11, 17),)
    assert built["ways"] == [("phone call", 5), ("e-mail", 1)]
    assert (built["tries"], built["held"]) == (1, 1)


def test_says_when_and_about_what_and_never_what_was_said(mina):
    page = html(mina)
    assert "96% of days" in page
    assert "Tuesday 8 September 2026" in page
    assert "Keyworker spoke with Folake, phone call" in page
    assert "Keyworker tried to ring Folake, phone call" in page  # as on the page of home
    assert context(mina)["contacts"][-1].how == "Folake sent Keyworker an e-mail"  # by which way is said once
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
        (day, line.replace("You rang", "you rang").replace("You sent", "you sent")) for day, line in there
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
    assert "For <strong>Theo Quay</strong>" in page and "The list below is of yours alone." in page
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


def test_a_home_nobody_reached_reads_no_figures_of_another(mina):
    """All contacts are with mum's household: dad's says there was none, and no share of days beside it."""
    make_family(mina, "Theo", "Quay", household="Quay Street", lives_with=False)
    facts = school.load()
    mum_s, dad_s = KIND.build([mina], facts.calendar.term(TERM), TODAY, facts)[mina.pk]
    assert mum_s["contacts"] and not dad_s["contacts"]
    theirs = rendering.page(KIND.template, dad_s)
    assert "No contact with your home is written down for this term yet." in theirs
    assert "% of days" not in theirs and "We were late" not in theirs and "longest time" not in theirs
    assert "% of days" in rendering.page(KIND.template, mum_s)


def test_e_mail_is_not_broken_at_its_hyphen(mina):
    page = html(mina).lower()
    whole = '<span class="kp-nowrap">e-mail</span>'
    assert page.count(whole) >= 3  # by which ways, the row of the table, how to write to the keyworker
    assert "e-mail" not in page.replace(whole, "")


def test_as_known_on_an_earlier_day(mina):
    then = html(mina, known_on=date(2026, 10, 1))
    assert "as known on Thursday 1 October 2026" in then
    assert "22 September" in then and "6 October" not in then


def test_eight_queries_however_many_students(mina, world, django_assert_num_queries):
    facts = school.load()
    term = facts.calendar.term(TERM)
    for students in ([mina], [mina, world.otto, *[make_student(f"Child{n}", "Many") for n in range(20)]]):
        with django_assert_num_queries(8):
            assert len(KIND.build(students, term, TODAY, facts)) == len(students)


class TestThePageAndThePaper:
    """What the report says was late is what the Missed page lists."""

    AUTUMN = "2025-26-autumn"

    @pytest.fixture
    def cai(self, world):
        student = make_student("Cai", "Older", joined_on=date(2025, 12, 14))
        record_misses()
        return student

    def test_a_due_date_in_a_holiday_is_in_the_report_of_the_term_before(self, cai):
        assert [miss.due_on for miss in cai.misses.filter(duty="home_contact")] == [date(2025, 12, 28)]
        assert context(cai, term=self.AUTUMN)["figures"].late == (date(2025, 12, 28),)
        assert context(cai, term="2025-26-spring")["figures"].late == ()

    def test_what_the_head_took_back_is_not_told_home(self, cai, world):
        withdraw_miss(miss=cai.misses.get(duty="home_contact"), reason="Abroad.", by=world.u_head)
        built = context(cai, term=self.AUTUMN)
        assert (built["figures"].late, built["in_time"]) == ((), 100)
        before = context(cai, TODAY - A_DAY, self.AUTUMN)  # what was known the day before stays so
        assert before["figures"].late == (date(2025, 12, 28),)

    def test_days_late_that_were_taken_back_are_told_beside_a_hundred_per_cent(self, world):
        dee = make_student("Dee", "Older", joined_on=date(2026, 9, 7))
        for day in (date(2026, 9, 14), date(2026, 10, 26), date(2026, 11, 9), TODAY):
            logged(dee, world.u_keyworker, **on(day))
        record_misses()
        withdraw_miss(miss=dee.misses.get(duty="home_contact"), reason="Abroad.", by=world.u_head)
        page = html(dee)
        assert "100% of days" in page
        assert "was 42 days, 28 of them in the holidays or on other days that do not count" in page

    def test_a_policy_changed_in_mid_term_does_not_judge_the_days_before(self, world):
        dee = make_student("Dee", "Older", joined_on=date(2026, 9, 7))
        set_policy(
            effective_on=date(2026, 11, 1),
            preset="breckenbrough",
            overrides={"contact_interval_days": 100},
            by=None,
        )
        record_misses()
        late = context(dee)["figures"].late
        assert (
            late
            == (date(2026, 9, 21),)
            == tuple(dee.misses.filter(duty="home_contact").values_list("due_on", flat=True))
        )


def test_never_contacted_is_said_and_not_counted(world):
    page = html(make_student("Dee", "Older", joined_on=date(2026, 10, 26)))
    assert "We have not yet spoken this term." in page
    assert "% of days" not in page and "sat down together no times" not in page
    assert "have not sat down together this term yet" in page
    ended = html(make_student("Eve", "Older", joined_on=date(2026, 1, 12)), term="2025-26-summer")
    assert "We did not speak this term." in ended and "% of days" not in ended
    assert "No contact between school and home is written down for this term." in ended


def test_without_a_clock_nothing_is_promised_and_nobody_was_late(world, mina):
    """The school of `ies-breckland` owes no contact by a date; its families read of none."""
    set_policy(effective_on=date(2025, 9, 1), preset="ies-breckland", overrides={}, by=None)
    page = html(mina)
    assert "Were we in time?" not in page and "long enough" not in page and "We aim to be" not in page
    assert "Contacts with home" in page and "Private words" not in page
    facts = school.load()
    term = facts.calendar.term(TERM)
    built = in_touch(Span(mina, term, term.starts_on, TODAY, TODAY, facts))
    assert [home["interval"] for home in built["homes"]] == [None]
    paper = rendering.page("reports/_paper_in_touch.html", {"home": built["homes"][0]})
    assert "Our promise" not in paper and "None days" not in paper


def test_a_hundred_per_cent_tells_the_holiday_it_spans(world):
    set_policy(
        effective_on=date(2025, 9, 1), preset="breckenbrough", overrides={"holiday_rule": "pause"}, by=None
    )
    dee = make_student("Dee", "Older", joined_on=date(2026, 9, 7))
    for day in (
        date(2026, 9, 14),
        date(2026, 9, 28),
        date(2026, 10, 12),
        date(2026, 11, 3),
        date(2026, 11, 16),
    ):
        logged(dee, world.u_keyworker, **on(day))
    page = html(dee)
    assert "100% of days" in page
    assert "was 22 days, 9 of them in the holidays or on other days that do not count" in page


def test_a_hundred_per_cent_tells_the_days_before_the_term(world):
    """Late days of the Easter holidays belong to the term before; the silence they are part of says so."""
    dee = make_student("Dee", "Older", joined_on=date(2025, 9, 1))
    for day in (date(2026, 3, 26), date(2026, 4, 13), date(2026, 4, 27), date(2026, 5, 11)):
        logged(dee, world.u_keyworker, **on(day))
    page = html(dee, known_on=date(2026, 5, 12), term="2025-26-summer")
    assert "100% of days" in page
    assert "was 18 days; 18 of them were before this term began." in page


def test_paper_never_rounds_up_to_a_hundred():
    found = Figures(counted_days=2000, overdue_days=1)
    assert str(found.in_time_pct) == "100.0"
    assert on_paper(found) == 99
    assert on_paper(Figures(counted_days=50, late=(date(2026, 5, 11),))) == 99
    assert on_paper(Figures(counted_days=50)) == 100
    assert on_paper(Figures()) is None


def test_a_single_way_is_not_counted_twice(world, contact):
    FamilyLink.objects.filter(student=world.mina, ended_on__isnull=True).update(household="Mill Lane")
    for day in (date(2026, 9, 14), date(2026, 9, 28), date(2026, 10, 12)):
        contact(world.mina, world.u_keyworker, **on(day))
    assert "3 times, each time by phone call." in html(world.mina)


def test_pdf_is_tagged_ua_with_title_and_language(mina):
    made = rendering.pdf(html(mina))
    with pikepdf.open(io.BytesIO(made.content)) as pdf:
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot is not None
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Keeping in touch, autumn term 2026/27 – Aldermere School"
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


def test_no_row_of_a_table_stands_alone_on_the_next_page(mina):
    """The sessions go there together, with their heading; of a longer table three rows at least."""
    said = context(mina)
    said |= {"listed": said["listed"][:1] * 8, "sessions": said["listed"][:1] * 2}
    made = rendering.pdf(rendering.page(KIND.template, said))
    [_, last] = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages]
    assert last.startswith("Keywork sessions") and last.count("Keyworker spoke") == 2
