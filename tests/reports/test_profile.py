"""The one-page profile: what every member of staff may read, on one sheet, and a row for whoever prints it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from docx import Document
from pypdf import PdfReader

from care.models import PlanVersion, Resource, StudentPlan, Tried
from care.plans.kinds import KINDS
from keywork import clock
from keywork.models import RecordOpening
from reports import printing, profile, rendering
from reports.tasks import print_ordered
from tests import world as cast
from tests.tsp.factories import make_sheet
from tsp.models import Tool


@pytest.fixture
def helped(world):
    make_sheet(world.mina, world.u_keyworker, Tool.REGULATION, answers={"triggers": ["the bell"]})
    make_sheet(world.mina, world.u_keyworker, Tool.STRENGTHS, answers={"strengths": ["maps"]})
    make_sheet(world.mina, world.u_keyworker, Tool.CIRCLE, wording="staff", answers={"missing": "Gran"})
    make_sheet(world.mina, world.u_keyworker, Tool.VOICE, wording="staff", answers={"find-hard": "Mondays"})
    world.mina.read_first = "Speak softly."
    world.mina.save(update_fields=["read_first"])
    return world


def test_it_holds_what_helps_and_for_who_may_open_the_record_the_name(helped):
    mine = profile.paper(helped.mina.pk, helped.u_teacher.pk).html
    for there in ("the bell", "maps", "Speak softly.", helped.mina.name, helped.u_keyworker.name):
        assert there in mine
    stranger = profile.paper(helped.mina.pk, helped.u_keyworker_other.pk).html
    for there in ("the bell", "maps", helped.mina.known_as):
        assert there in stranger
    for absent in ("Speak softly.", helped.mina.surname, "Gran", "Mondays"):
        assert absent not in stranger


def filled(world, lines: int, rows: int) -> None:
    """A profile with so many lines in each section, and so many rows of what was given and of what was tried."""
    said = "\n".join(
        ["Sits near the door, on the left, and is told a minute before the bell that it will ring."] * lines
    )
    mina, keyworker = world.mina, world.u_keyworker
    plan = StudentPlan.objects.create(student=mina, kind="profile", begun_at=clock.now(), begun_by=keyworker)
    PlanVersion.objects.create(
        plan=plan, number=1, words={part.key: said for part in KINDS["profile"].sections}, why="New",
        review_by=cast.TODAY + timedelta(90), read_by=cast.TODAY, written_by=keyworker, written_at=clock.now(), written_on=cast.TODAY,
    )  # fmt: skip
    for number in range(rows):
        Resource.objects.create(
            student=mina, what=f"Overlay {number}", note="Aqua", given_on=cast.TODAY, how="In every lesson, on the left",
            by=keyworker, at=clock.now(),
        )  # fmt: skip
        Tried.objects.create(
            student=mina, what=f"A quiet corner {number}", happened=said[:200], helped="partly", on=cast.TODAY,
            by=keyworker, at=clock.now(),
        )  # fmt: skip


@pytest.mark.parametrize(("lines", "rows", "shortened"), [(3, 3, False), (14, 12, True)])
def test_a_usual_and_a_full_profile_are_one_page(helped, lines, rows, shortened):
    """Smaller at first, then less of it, which the sheet says. In a Word file all of it stands."""
    filled(helped, lines, rows)
    paper = profile.paper(helped.mina.pk, helped.u_teacher.pk)
    made = paper.made("")
    assert made.pages == 1
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(made.content)).pages)
    assert ("Not all of it fits on one page" in text) is shortened
    assert "Speak softly." in text and "When it goes wrong" in text and "Overlay 0" in text
    assert "Not all of it fits" not in paper.html


def test_the_page_has_a_button_and_printing_leaves_a_row(helped, as_user):
    client = as_user(helped.u_teacher)
    url = reverse("reports:profile", args=[helped.mina.pk])
    assert url in client.get(reverse("tsp:what_helps", args=[helped.mina.pk])).content.decode()
    paper = profile.paper(helped.mina.pk, helped.u_teacher.pk)
    printing.print_paper(printing.Paper(paper.html, lambda html: rendering.Pdf(b"%PDF", 1)))
    assert client.get(url).content == b"%PDF"
    assert RecordOpening.objects.filter(what="what helps", detail="on paper").count() == 1


def test_it_is_offered_in_large_print_and_as_a_word_file_of_what_its_reader_may_see(helped, as_user, ordered):
    client, url = as_user(helped.u_keyworker_other), reverse("reports:profile", args=[helped.mina.pk])
    page = client.get(reverse("tsp:what_helps", args=[helped.mina.pk])).content.decode()
    assert f'href="{url}?large=1"' in page and f'href="{url}?word=1"' in page
    client.get(f"{url}?word=1")
    print_ordered(*ordered[0])
    polled = client.get(f"{url}?word=1", headers={"HX-Request": "true"})
    assert polled["HX-Refresh"] == "true"
    file = client.get(f"{url}?word=1&take=1")
    assert file["Content-Disposition"] == 'attachment; filename="Min-H-what-helps.docx"'
    document = Document(io.BytesIO(file.content))
    words = "\n".join(one.text for one in document.paragraphs)
    assert "maps" in words and helped.mina.known_as in words
    assert "Speak softly." not in words and helped.mina.surname not in words
    assert RecordOpening.objects.filter(what="export", detail="what-helps as a Word file").count() == 1


def test_in_large_print_it_is_as_long_as_it_is(helped, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr(rendering, "large_pdf", lambda html: asked.append(html) or rendering.Pdf(b"%PDF", 3))
    assert profile.paper(helped.mina.pk, helped.u_teacher.pk).made(printing.LARGE).pages == 3
    assert ["kp-big" in html and "kp-tight" not in html for html in asked] == [True]
