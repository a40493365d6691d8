"""Every kind of document: the same bytes of the same record wherever it is made, and as a PDF to be read by ear."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pikepdf
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from docx import Document

from keywork import clock
from reports import printing, rendering
from reports.binding import Book
from tests import world as cast
from tests.reports import every_kind
from tests.reports.test_paper import over_edge, sizes_in_large_print
from tests.template import url_of

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
ALONE = "import sys, django; django.setup(); from tests.reports.every_kind import main; main(sys.argv[1])"


@pytest.fixture
def _django_db_helper() -> None:
    """Instead of pytest-django's: what `made` commits stays until the last test here has ended."""


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """Each kind as it is made here, in another process, and its page after one fact of it is another."""
    media = tmp_path_factory.mktemp("media")
    with (
        override_settings(MEDIA_ROOT=media),
        django_db_blocker.unblock(),
        clock.frozen(cast.TODAY),
    ):
        assert connection.settings_dict["NAME"].startswith("test_")
        try:
            ids = every_kind.build(cast.KEPT.again())
            found = SimpleNamespace(
                papers=every_kind.papers(ids),
                far=elsewhere(ids, media, TZ="Pacific/Auckland", PYTHONHASHSEED="4711", LC_ALL="C"),
            )
            found.pdfs = {slug: paper.draw(paper.html) for slug, paper in found.papers.items()}
            every_kind.change(ids)
            found.changed = every_kind.papers(ids)
            yield found
        finally:
            call_command("flush", interactive=False, verbosity=0)
            connections.close_all()
            connection.close_pool()


def elsewhere(ids: dict[str, int], media: Path, **environment: str) -> dict[str, str]:
    """The digest of each kind, made of the same database in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", ALONE, json.dumps(ids)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "keywork.settings",
            "DATABASE_URL": url_of(connection.settings_dict["NAME"]),
            "REDIS_URL": settings.REDIS_URL,
            "KEYWORK_MEDIA_DIR": str(media),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(params=every_kind.SLUGS)
def slug(request) -> str:
    return request.param


@pytest.fixture
def pdf(made, slug) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(made.pdfs[slug].content)) as opened:
        yield opened


def test_the_same_record_is_the_same_bytes_in_another_process_and_time_zone(made, slug):
    digest = hashlib.sha256(made.pdfs[slug].content).hexdigest()
    assert made.far[slug] == digest
    assert made.changed[slug].html != made.papers[slug].html


def test_it_says_what_it_is_and_how_it_is_read(pdf, slug):
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == str(pdf.docinfo["/Title"]) != ""
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert pdf.Root.MarkInfo.Marked
    assert {str(page.obj.get("/Tabs", "")) for page in pdf.pages} == {"/S"}
    heads = [tag for tag in tags(pdf) if re.fullmatch(r"/H[1-6]", str(tag.S))]
    levels = [int(str(tag.S)[2]) for tag in heads]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    with pdf.open_outline() as outline:
        assert len([*bookmarks(outline.root)]) == len(heads)


@pytest.fixture(scope="module")
def bound(made) -> bytes:
    """All of them twice, as one file for the printer."""
    book = Book("All of them")
    for number in (1, 2):
        for slug, pdf in made.pdfs.items():
            book.add(pdf.content, f"{slug} {number}")
    return book.written()


def test_bound_into_one_file_it_stays_readable_by_ear(made, bound):
    """One tree whose tags say the pages they are on, each page, link and cell of a number or name of its own."""
    with pikepdf.open(io.BytesIO(bound)) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfuaid:part"], metadata["dc:title"]) == ("1", "All of them")
        assert pdf.Root.MarkInfo.Marked and str(pdf.Root.Lang) == "en-GB"
        pages = {page.objgen: at for at, page in enumerate(pdf.pages)}
        assert len(pages) == 2 * sum(one.pages for one in made.pdfs.values())
        tree = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
        numbers = [int(page.obj.StructParents) for page in pdf.pages]
        links = [link for page in pdf.pages for link in page.obj.get("/Annots", [])]
        assert links
        numbers += [int(link.StructParent) for link in links]
        assert sorted(numbers) == sorted(set(numbers)) == sorted(int(number) for number in tree)
        assert all(isinstance(link.Dest, pikepdf.Array) for link in links if "/Dest" in link)
        for page in pdf.pages:
            for tag in tree[int(page.obj.StructParents)]:
                assert "/Pg" not in tag or tag.Pg.objgen == page.obj.objgen
        every = list(tags(pdf))
        assert {kind(one) for one in every[1:] if one.P.objgen == every[0].objgen} == {"Part"}
        names = [str(one.ID) for one in every if "/ID" in one]
        assert names and len(names) == len(set(names))
        assert heads_named(every) <= set(names)
        with pdf.open_outline() as outline:
            assert [one.title for one in outline.root[: len(made.pdfs)]] == [f"{one} 1" for one in made.pdfs]
            assert all(one.children for one in outline.root)
            second = outline.root[len(made.pdfs)].children[0].destination[0]
            assert pages[second.objgen] == len(pages) // 2


def heads_named(every) -> set[str]:
    """By which names cells say their heads."""
    found = set()
    for tag in every:
        told = tag.get("/A", [])
        for one in told if isinstance(told, pikepdf.Array) else [told]:
            found |= {str(name) for name in one.Headers} if "/Headers" in one else set()
    return found


def test_bound_twice_it_is_the_same_bytes(made, bound):
    slugs = list(made.pdfs)
    books = []
    for _ in range(2):
        book = Book("Two")
        for slug in slugs[:2]:
            book.add(made.pdfs[slug].content, slug)
        books.append(book.written())
    assert books[0] == books[1] != bound


IN_FORMS = ("contact-log", "profile", "oversight", "evidence-pack")


@pytest.mark.parametrize("name", IN_FORMS)
def test_its_word_file_says_the_same(made, name):
    paper = made.papers[name]
    assert paper.forms == printing.FORMS
    content = paper.made(printing.WORD).content
    assert made.far[f"{name}.docx"] == hashlib.sha256(content).hexdigest()
    assert made.changed[name].made(printing.WORD).content != content
    document = Document(io.BytesIO(content))
    heads = [one.text for one in document.paragraphs if one.style.name.startswith("Heading")]
    with pikepdf.open(io.BytesIO(made.pdfs[name].content)) as pdf, pdf.open_outline() as outline:
        assert heads == [" ".join(title.split()) for title in bookmarks(outline.root)]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(one.text for one in document.paragraphs), *cells])
    assert ", page" not in words and "check sum" not in words and "Open circle" not in words
    if name == "evidence-pack":
        assert "Its page is in the PDF of this pack." in words


@pytest.mark.parametrize("name", IN_FORMS)
def test_in_large_print_all_of_it_is_large_and_stays_on_sheets_of_a4(made, name, monkeypatch, laid_out_once):
    monkeypatch.setattr(rendering, "laid_out", laid_out_once)
    paper = made.papers[name]
    document = rendering.laid_out(rendering.in_large_print(paper.html))
    assert over_edge(document) == []
    sizes = sizes_in_large_print(document)
    assert min(sizes) > 15 and sorted(sizes)[len(sizes) // 2] >= 16, min(sizes)
    if name == "evidence-pack":  # others' pages stand on its sheets
        with pikepdf.open(io.BytesIO(paper.made(printing.LARGE).content)) as pdf:
            assert {tuple(round(float(side)) for side in page.MediaBox) for page in pdf.pages} == {
                (0, 0, 595, 842)
            }
            assert "/AttachedA1" in pdf.pages[-1].resources.XObject


def bookmarks(items) -> Iterator[str]:
    for one in items:
        yield one.title
        yield from bookmarks(one.children)


def tags(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """The elements of its structure, in the order they are read."""

    def walk(element) -> Iterator[pikepdf.Object]:
        if "/S" in element:
            yield element
        for kid in kids(element):
            yield from walk(kid)

    yield from walk(pdf.Root.StructTreeRoot)


def kids(element) -> list[pikepdf.Object]:
    found = element.get("/K", [])
    found = list(found) if isinstance(found, pikepdf.Array) else [found]
    return [one for one in found if isinstance(one, pikepdf.Dictionary) and "/S" in one]


def kind(element) -> str:
    return str(element.get("/S", ""))[1:]


# What may stand within what (ISO 32000, 14.8.4), of the elements that are ours.
WITHIN = {
    "Table": {"Caption", "THead", "TBody", "TFoot", "TR"},
    "THead": {"TR"},
    "TBody": {"TR"},
    "TFoot": {"TR"},
    "TR": {"TH", "TD"},
    "L": {"LI", "L", "Caption"},  # a list within another one
    "LI": {"Lbl", "LBody"},
}


def test_its_structure_is_whole(pdf, slug):
    for tag in tags(pdf):
        below = {kind(one) for one in kids(tag)}
        if kind(tag) in WITHIN:
            assert below <= WITHIN[kind(tag)], f"{below} within {kind(tag)}"
        if kind(tag) == "Figure":
            assert str(tag.get("/Alt", "")).strip(), "a figure without words"
        if kind(tag) == "Table":
            assert len(set(widths(tag))) == 1, "rows of another length"
        if kind(tag) == "TH":
            assert attribute(tag, "/Scope") in ("/Row", "/Column", "/Both"), "a head of which cells"
        if kind(tag) == "TR" and below == {"TD"}:
            assert all(attribute(one, "/Headers") for one in kids(tag)), "cells without a head"


def widths(table) -> list[int]:
    """How many columns each row has, with those that reach down from above."""
    found, reaching = [], {}
    for row in rows_of(table):
        columns = 0
        for cell in kids(row):
            while reaching.get(columns):
                reaching[columns] -= 1
                columns += 1
            for _ in range(int(attribute(cell, "/ColSpan") or 1)):
                reaching[columns] = int(attribute(cell, "/RowSpan") or 1) - 1
                columns += 1
        while reaching.get(columns):
            reaching[columns] -= 1
            columns += 1
        found.append(columns)
    return found


def rows_of(element) -> Iterator[pikepdf.Object]:
    for one in kids(element):
        yield from [one] if kind(one) == "TR" else rows_of(one)


def attribute(element, name: str) -> str:
    told = element.get("/A", [])
    for one in told if isinstance(told, pikepdf.Array) else [told]:
        if name in one:
            return (
                str(one[name])
                if not isinstance(one[name], pikepdf.Array)
                else "some"
                if len(one[name])
                else ""
            )
    return ""


def test_every_sign_is_drawn_of_a_font_of_its_own_and_can_be_copied(pdf, slug):
    found = {}
    for page in pdf.pages:
        for resources in inside(page.obj.get("/Resources", {})):
            found |= {str(one.BaseFont): one for one in dict(resources.get("/Font", {})).values()}
    assert found
    for name, font in found.items():
        assert "/ToUnicode" in font, name
        of_signs = font.DescendantFonts[0] if "/DescendantFonts" in font else font
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(of_signs.FontDescriptor.keys()), name


def inside(resources) -> Iterator[pikepdf.Object]:
    """The resources of a page, and of what is drawn on it."""
    yield resources
    for one in dict(resources.get("/XObject", {})).values():
        if "/Resources" in one:
            yield from inside(one.Resources)


def test_every_link_says_where_it_leads(pdf, slug):
    for page in pdf.pages:
        for one in page.obj.get("/Annots", []):
            assert one.Subtype == "/Link", one.Subtype
            assert str(one.get("/Contents", "")).strip(), "a link without words"
            assert "/StructParent" in one, "a link that is in no order"


DRAWN = {
    "Tj",
    "TJ",
    "'",
    '"',
    "f",
    "F",
    "f*",
    "B",
    "B*",
    "b",
    "b*",
    "S",
    "s",
    "sh",
    "Do",
    "BI",
    "EI",
    "INLINE IMAGE",
}


def test_nothing_is_drawn_that_is_neither_read_nor_told_to_be_decoration(pdf, slug):
    for number, page in enumerate(pdf.pages, 1):
        open_marks: list[str] = []
        for operands, operator in pikepdf.parse_content_stream(page):
            word = str(operator)
            if word in ("BMC", "BDC"):
                open_marks.append(str(operands[0]))
            elif word == "EMC":
                open_marks.pop()
            elif word in DRAWN:
                assert open_marks, f"page {number}: {word} {[str(one)[:40] for one in operands]}"
