"""The independence form for a pen: what stands on it, how large, and what it says to who listens."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

import pikepdf
import pypdf
import pytest
from django.core.cache import cache

from ilsa import templates
from keywork import clock
from keywork.models.audit import RecordOpening
from outbox.tasks import sweep
from reports import paper_form, printing, rendering, tasks
from students.models import Student
from tests.ilsa.factories import assessment_of, opened

LARGE = 18


@dataclass(frozen=True)
class Paper:
    content: bytes

    @property
    def pages(self) -> list[str]:
        """What stands on each page, without spaces: a line may end anywhere."""
        return self._read[0]

    def pages_with(self, words: str) -> int:
        return sum(re.sub(r"\s", "", words) in page for page in self.pages)

    @property
    def sizes(self) -> list[tuple[str, float]]:
        """Every piece of text but the foot of the page, with its size in points."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[list[str], list[tuple[str, float]]]:
        found: list[tuple[str, float]] = []

        def note(text, outer, inner, font, size) -> None:
            if text.strip() and inner[5] * outer[3] + outer[5] > 48:  # points from the lower edge
                found.append((text.strip(), abs(size * inner[3] * outer[3])))

        reader = pypdf.PdfReader(io.BytesIO(self.content))
        return [re.sub(r"\s", "", page.extract_text(visitor_text=note)) for page in reader.pages], found


@pytest.fixture
def printed(world, as_user, monkeypatch, pdf_once):
    monkeypatch.setattr(rendering, "pdf", pdf_once)
    opened(world.u_head)
    client = as_user(world.u_keyworker)

    def made(audience: str, large: bool = False) -> Paper:
        pk = assessment_of(world.mina).pk
        tasks.print_ordered("independence", [pk, audience, large], "")
        response = client.get(f"/reports/independence/{pk}/{audience}/", {"large": "1"} if large else {})
        return Paper(response.content)

    return made


def test_a_form_is_printed_by_the_worker_once_however_often_it_is_asked_for(
    world, as_user, monkeypatch, ordered, django_capture_on_commit_callbacks
):
    opened(world.u_head)
    pk = assessment_of(world.mina).pk
    url, client = f"/reports/independence/{pk}/parent/", as_user(world.u_keyworker)
    drawn = []
    monkeypatch.setattr(rendering, "pdf", lambda html: drawn.append(html) or rendering.Pdf(b"%PDF-", 1))
    with django_capture_on_commit_callbacks(execute=True):
        pages = [client.get(url) for _ in range(5)]
    assert (drawn, [one[:2] for one in ordered]) == ([], [("independence", [pk, "parent", False])])
    assert {page.status_code for page in pages} == {200}
    page = pages[0].content.decode()
    assert "It is being made" in page and "Harcastle" not in page
    assert not RecordOpening.objects.filter(student_id=world.mina.pk, detail="paper form").exists()

    tasks.print_ordered(*ordered[0])
    assert client.get(url, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    response = client.get(url)
    assert (response.content, response["Content-Type"]) == (b"%PDF-", "application/pdf")
    assert RecordOpening.objects.filter(student_id=world.mina.pk, detail="paper form").exists()
    # What waits for whoever asks next is not for everybody: the door is asked each time.
    assert as_user(world.u_keyworker_other).get(url).status_code == 404
    # Nor is it given out once what stands on it has changed.
    Student.objects.filter(pk=world.mina.pk).update(preferred_forename="Mimi")
    assert "It is being made" in client.get(url).content.decode()


def test_one_person_has_three_papers_in_the_making(
    world, as_user, monkeypatch, ordered, django_capture_on_commit_callbacks
):
    """However many forms somebody asks for, whoever asks next does not wait behind them all."""
    opened(world.u_head)
    pk = assessment_of(world.mina).pk
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF-", 1))
    urls = [
        f"/reports/independence/{pk}/{audience}/{large}"
        for audience in templates.AUDIENCES
        for large in ("", "?large=1")
    ]
    client = as_user(world.u_keyworker)
    with django_capture_on_commit_callbacks(execute=True):
        for url in urls * 5:
            client.get(url)
    assert len(ordered) == printing.AT_ONCE == 3
    with django_capture_on_commit_callbacks(execute=True):
        as_user(world.u_head).get(urls[5])
    assert len(ordered) == 4
    for one in ordered[:]:
        tasks.print_ordered(*one)
    with django_capture_on_commit_callbacks(execute=True):
        answers = [client.get(url) for url in urls]
    assert [answer["Content-Type"][:15] for answer in answers].count("application/pdf") == 4
    assert len(ordered) == 6


def test_a_form_that_cannot_be_printed_says_why_and_is_asked_for_again(
    world, as_user, eager, monkeypatch, django_capture_on_commit_callbacks
):
    opened(world.u_head)
    url = f"/reports/independence/{assessment_of(world.mina).pk}/parent/"
    client = as_user(world.u_keyworker)
    monkeypatch.setattr(rendering, "pdf", lambda html: {}["no such font"])
    with django_capture_on_commit_callbacks(execute=True):
        client.get(url)
    for minutes in (1, 5):
        assert "It is being made" in client.get(url).content.decode()
        with clock.frozen(clock.now() + timedelta(minutes=minutes)):
            sweep()
    page = client.get(url).content.decode()
    assert "could not be printed" in page and "It stopped with an error (KeyError)" in page
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF-", 1))
    cache.clear()  # a minute has passed
    with django_capture_on_commit_callbacks(execute=True):
        client.get(url, {"again": "1"})
    assert client.get(url).content == b"%PDF-"


def test_signs_that_no_font_shows_are_named_before_the_form_opens(world, as_user, sign_without_font):
    opened(world.u_head)
    pk = assessment_of(world.mina).pk
    tasks.print_ordered("independence", [pk, "staff", False], "")
    client, url = as_user(world.u_keyworker), f"/reports/independence/{pk}/staff/"
    page = client.get(url).content.decode()
    assert "(U+10FDEF): an empty box stands in its place" in page
    assert client.get(url, {"anyway": "1"}).content.startswith(b"%PDF-")


def questions(audience: str) -> list[str]:
    return [one.wording(audience) for one in templates.current().in_use]


def answers(audience: str) -> list[str]:
    return [one.wording(audience) for one in templates.current().choices]


@dataclass(frozen=True)
class Tag:
    kind: str
    alt: str
    kids: tuple[str, ...]
    heads: int


def tags(content: bytes) -> list[Tag]:
    """The tags in the order they are read."""
    found = []

    def walk(element) -> None:
        kids = element.get("/K", [])
        below = [one for one in (kids if isinstance(kids, pikepdf.Array) else [kids]) if _is_tag(one)]
        heads = len(element.A.get("/Headers", ())) if "/A" in element else 0
        kinds = tuple(str(one.S)[1:] for one in below)
        found.append(Tag(str(element.get("/S", ""))[1:], str(element.get("/Alt", "")).strip(), kinds, heads))
        for one in below:
            walk(one)

    with pikepdf.open(io.BytesIO(content)) as pdf:
        walk(pdf.Root.StructTreeRoot)
    return found


def _is_tag(one) -> bool:
    return isinstance(one, pikepdf.Dictionary) and "/S" in one


@pytest.mark.parametrize("audience", templates.AUDIENCES)
def test_large_print_is_large_and_wastes_no_paper(printed, audience):
    paper = printed(audience, large=True)
    assert [one for one in paper.sizes if one[1] < LARGE - 0.1] == []
    # The signs of the two answers that are no score are as large as the numbers, once for each question.
    signs = {sign: [size for text, size in paper.sizes if text == sign] for sign in "01234?–"}
    assert {sign for sign, found in signs.items() if len(found) < len(questions(audience))} == set()
    assert {round(size, 1) for found in signs.values() for size in found} == {LARGE}
    assert len(paper.pages) <= 11
    for words in questions(audience):
        assert paper.pages_with(words) == 1, words  # never torn over two pages


def test_what_the_boxes_mean_stands_on_every_page(printed):
    paper = printed("parent")
    assert len(paper.pages) == 4
    assert {words: paper.pages_with(words) for words in answers("parent")} == dict.fromkeys(
        answers("parent"), 4
    )


def test_the_students_form_has_the_pictures_of_the_screen_and_says_them(printed):
    said = [tag.alt for tag in tags(printed("student").content) if tag.kind == "Figure"]
    assert said[:5] == [f"{n} of 5 blocks filled" for n in range(1, 6)]
    assert said[5:] == answers("student")[:5] * len(questions("student"))


def test_it_is_tagged_and_reads_in_order(printed):
    content = printed("staff").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert (pdf.Root.Lang, pdf.Root.MarkInfo.Marked) == ("en-GB", True)
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Independent living skills 2026/27 – Aldermere School"
    read = tags(content)
    heads = [tag.kind for tag in read if re.fullmatch(r"H\d", tag.kind)]
    assert heads == ["H1", *["H2"] * 12]
    # Each row: the question, then seven cells that name it as their head.
    rows = [tag.kids for tag in read if tag.kind == "TR"]
    assert rows == [("TH", *["TD"] * 7)] * len(questions("staff"))
    assert {tag.heads for tag in read if tag.kind == "TD"} == {1}
    assert "Figure" not in {tag.kind for tag in read}


def test_words_too_long_for_the_head_of_a_page_stand_on_the_first_only(world):
    form = templates.current()
    for large, fits in ((False, "short"), (True, "long")):
        said = paper_form._answers(form, "student")
        assert paper_form._key(said, large) == fits
        said[0] = replace(said[0], words="I do this in a way that takes very many words to say, " * 2)
        assert paper_form._key(said, large) == ""
