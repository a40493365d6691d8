"""The log of some days on paper: whose entries stand on it, how, and for whom."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.urls import reverse
from weasyprint.formatting_structure import boxes

from keywork.levels import Level
from keywork.models import RecordOpening
from reports import contact_log, printing, rendering
from reports.tasks import print_ordered
from tests.access.records import contact, session
from tests.reports.test_paper import inside, lines_of
from tests.world import TODAY, make_student

DAYS = ("2026-09-01", TODAY.isoformat())


def html_for(world, reader, first=DAYS[0], last=DAYS[1]) -> str:
    return contact_log.paper(world.mina.pk, reader.pk, first, last).html


@pytest.fixture
def log(world):
    """A call in autumn, one in July, a session; one entry for few eyes, one crossed out, one about the other child."""
    mina, by = world.mina, world.u_keyworker

    def on(day):
        return {"happened_on": day, "logged_on": day}

    contact(mina, by, notes="Rang about the bus.", **on(date(2026, 9, 14)))
    contact(mina, by, notes="Of last year.", **on(date(2026, 7, 2)))
    session(mina, by, notes="Drew the stairs.", agreed="Use the side door", **on(date(2026, 10, 12)))
    contact(mina, by, notes="For few eyes.", level=Level.RESTRICTED, **on(date(2026, 10, 13)))
    contact(
        mina,
        by,
        notes="Wrong words.",
        voided_on=TODAY,
        voided_by=by,
        void_reason="The wrong day",
        **on(date(2026, 10, 14)),
    )
    contact(world.otto, world.u_keyworker_other, notes="About Otto.", **on(date(2026, 10, 14)))
    return world


def test_it_holds_the_entries_of_its_days_oldest_first_by_term(log):
    day = {"happened_on": date(2026, 9, 28), "logged_on": date(2026, 9, 28)}
    session(log.mina, log.u_keyworker, notes="After lunch.", happened_time=time(14), **day)
    session(log.mina, log.u_keyworker, notes="Before lunch.", happened_time=time(11), **day)
    said = contact_log.context(log.mina, log.u_keyworker, date(2026, 7, 1), TODAY)
    assert [name for name, _ in said["terms"]] == ["Summer term 2025/26", "Autumn term 2026/27"]
    assert [entry.text for _, entries in said["terms"] for entry in entries][:5] == [
        "Of last year.",
        "Rang about the bus.",
        "Before lunch.",
        "After lunch.",
        "Drew the stairs.",
    ]
    html = html_for(log, log.u_member)
    for there in ("Rang about the bus.", "Drew the stairs.", "Use the side door", "Tuesday 1 September 2026"):
        assert there in html
    for absent in ("Of last year.", "About Otto."):
        assert absent not in html
    assert "Home and school reached each other <strong>1 time</strong>" in html.replace("\n", " ")


def test_it_says_what_its_reader_may_read_and_of_what_was_crossed_out_only_why(log):
    for reader, reads in ((log.u_dsl, True), (log.u_member, False)):
        html = html_for(log, reader)
        assert ("For few eyes." in html) == reads, reader
        assert f"What {reader.name} may read" in html
        assert "Crossed out: The wrong day" in html and "Wrong words." not in html


def test_the_days_are_asked_for_then_the_paper_comes_in_three_forms(log, as_user, ordered, monkeypatch):
    client, url = as_user(log.u_keyworker), reverse("reports:log_paper", args=[log.mina.pk])
    assert f'href="{url}"' in client.get(reverse("contacts:log", args=[log.mina.pk])).content.decode()
    assert f'href="{url}"' in client.get(reverse("reports:student", args=[log.mina.pk])).content.decode()
    asked = client.get(url, {"term": "2026-27-autumn"}).context["form"]
    assert (asked["starts_on"].value(), asked["ends_on"].value()) == (date(2026, 9, 7), TODAY)
    days = dict(zip(("starts_on", "ends_on"), DAYS, strict=True))
    drawn: list[str] = []
    monkeypatch.setattr(rendering, "pdf", lambda html: drawn.append("pdf") or rendering.Pdf(b"%PDF", 1))
    monkeypatch.setattr(
        rendering, "large_pdf", lambda html: drawn.append("large") or rendering.Pdf(b"%PDF-l", 1)
    )
    for form in ({}, {"large": "1"}, {"word": "1"}):
        assert "It is being made" in client.get(url, days | form).content.decode()
        print_ordered(*ordered[len(ordered) - 1])
    assert drawn == ["pdf", "large"]
    assert client.get(url, days).content == b"%PDF"
    assert client.get(url, days | {"large": "1"}).content == b"%PDF-l"
    leads = client.get(url, days | {"word": "1"}).content.decode()
    assert "The Word file is made" in leads and "hx-trigger" not in leads.split("<main")[1]
    file = client.get(url, days | {"word": "1", "take": "1"})
    assert (
        file["Content-Disposition"] == 'attachment; filename="Min-H-contact-log-2026-09-01-2026-11-23.docx"'
    )
    assert file.content.startswith(b"PK")
    left = RecordOpening.objects.filter(detail__startswith="on paper")
    assert [one.detail for one in left] == ["on paper, 2026-09-01 to 2026-11-23"] * 2
    assert RecordOpening.objects.filter(what="export", detail__endswith="as a Word file").count() == 1


def test_days_that_cannot_be_are_said_and_another_childs_log_is_not_there(log, as_user):
    client, url = as_user(log.u_keyworker), reverse("reports:log_paper", args=[log.mina.pk])
    backwards = {"starts_on": "2026-10-12", "ends_on": "2026-10-01"}
    page = client.get(url, backwards)
    assert page.status_code == 422 and "This day is before the first" in page.content.decode()
    other = reverse("reports:log_paper", args=[log.otto.pk])
    assert client.get(other).status_code == client.get(other, backwards).status_code == 404


def test_a_student_of_whom_nothing_is_written_has_a_paper_that_says_so(world):
    said = contact_log.context(make_student("New", "Here"), world.u_head, TODAY - timedelta(days=3), TODAY)
    assert "Nothing is written in the log of these days." in rendering.page(contact_log.TEMPLATE, said)


def test_a_paper_that_changed_meanwhile_is_made_anew(log):
    before = contact_log.paper(log.mina.pk, log.u_keyworker.pk, *DAYS)
    contact(log.mina, log.u_keyworker, notes="Today.", happened_on=TODAY)
    after = contact_log.paper(log.mina.pk, log.u_keyworker.pk, *DAYS)
    assert {before.slot(form) == after.slot(form) for form in ("", *printing.FORMS)} == {False}


def test_a_very_long_entry_goes_on_on_the_next_page_and_a_short_one_stays_whole(world):
    def pages(words: int) -> list[bool]:
        """Whether the entry stands on each page it has a word on."""
        notes = " ".join(f"word{n}" for n in range(words))
        for n in range(6):
            contact(
                world.mina,
                world.u_keyworker,
                notes=f"{notes} end{n}.",
                happened_on=TODAY - n * timedelta(days=1),
            )
        laid_out = rendering.laid_out(html_for(world, world.u_keyworker, last="2026-12-31"))
        texts = [" ".join(lines_of(page._page_box)) for page in laid_out.pages]
        return [("word0 " in text) and text.count("word0 ") == text.count(" end") for text in texts]

    assert all(pages(120)), "short ones are whole on their pages"
    assert not all(pages(240)), "long ones go on"


def test_what_goes_on_overleaf_keeps_off_the_head_of_its_table(world):
    notes = " ".join(f"word{n}" for n in range(1500))
    contact(world.mina, world.u_keyworker, notes=notes, happened_on=TODAY)
    second = rendering.laid_out(html_for(world, world.u_keyworker, last="2026-12-31")).pages[1]
    rows = [box for box in inside(second._page_box) if isinstance(box, boxes.TableRowBox)]
    head, going_on = rows[0], next(row for row in rows if "word" in " ".join(lines_of(row)))
    [first, *_] = [line for line in inside(going_on) if isinstance(line, boxes.LineBox)]
    assert "When" in " ".join(lines_of(head))
    assert first.position_y - (head.position_y + head.height) > 3
