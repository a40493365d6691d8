"""What somebody typed is never markup, on any page, form or report; whoever reads it leaves a row; and a school with
other words for a student, a keyworker, a SENCo and who assigns reads its own."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import nullcontext
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import NamedTuple
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from keywork.models import RecordOpening, User
from reports import rendering
from tests import world as cast
from tests.policies import set_policy

from . import planted
from .expectations import TABLE
from .stage import send

pytestmark = pytest.mark.django_db

PAGES = {200, 409, 422}
DRAWN = sorted(name for name, row in TABLE.items() if PAGES & {*row.get, *row.post})
# Those whom a page lets in first read the most; of the staff two, and both of home.
READERS = ("dsl", "keyworker", "head", "admin", "coordinator", "teacher")
READERS_EACH = 2
HOME = ("parent", "student")
BOXES = re.compile(r'<(?:textarea|input type="(?:text|search|tel|hidden)")[^>]* name="(?!csrf)([^"]+)"')

WORDS = {
    "vocabulary": {"student": "apprentice", "keyworker": "Link worker", "senco": "Inclusion lead"},
    "assigned_by": "Assistant Head",
}
OURS = re.compile(r"\b(students?|keyworkers?|SENCos?|Head of Social Education)\b(?![@/_-])", re.IGNORECASE)
# Pages on which other words stand too, and why.
OTHERS = {
    **dict.fromkeys(
        (
            *("ilsa:domain_edit", "ilsa:part", "ilsa:preview", "ilsa:template"),
            *(
                "tsp:area_edit",
                "tsp:attach",
                "tsp:field_add",
                "tsp:field_edit",
                "tsp:tool_edit",
                "tsp:ws_finish",
            ),
            *(
                "tsp:preview",
                "tsp:template",
                "tsp:workspace",
                "tsp:sheet",
                "tsp:sheet_fill",
                "tsp:sheet_void",
            ),
        ),
        "the words of a form, which are its versions'",
    ),
    **dict.fromkeys(("portal:policy", "portal:policy_preset"), "what the preset says"),
    **dict.fromkeys(
        (
            "reports:authority_fields",
            "reports:authority_fill",
            "reports:authority_form",
            "reports:authority_forms",
        ),
        "the names that fields have in every authority's form",
    ),
    **dict.fromkeys(
        ("students:import_preview", "students:import_result"), "what was written down at the import"
    ),
    "ilsa:round": "the job title of an account",
    "portal:health": "jobs by their names in the code",
    **dict.fromkeys(
        ("portal:coordinator", "tsp:propose", "tsp:sheet_declined"), "a sheet by its title in the form"
    ),
}
READ_OUT = re.compile(r'\b(?:alt|aria-label|data-label|label|placeholder|title)="([^"]*)"')


def pieces(content: str) -> list[str]:
    """What is read on a page, or read out, piece by piece."""
    without = re.sub(r"<(script|style|textarea)\b.*?</\1>", " ", content, flags=re.S)
    return [unescape(piece) for piece in (*READ_OUT.findall(without), *re.split(r"<[^>]*>", without))]


class Answer(NamedTuple):
    said: str
    status: int
    html: str
    kind: str  # of its content
    left: set[int]  # students of whom a row says that this person opened something now

    @property
    def runs_htmx(self) -> bool:
        """A piece for htmx to put into a page, or a page on which it runs."""
        return self.kind == "text/html" and not re.search(r"<body[^>]* hx-disable", self.html)


@pytest.fixture(scope="module")
def sown(house):
    """The house with markup in every text of it, other words, and no job in the name of anybody.

    Reports are left as the page they are printed from.
    """
    set_policy(effective_on=cast.TODAY, preset="breckenbrough", overrides=WORDS, by=None)
    for user in house.users.values():
        User.objects.filter(pk=user.pk).update(name=f"Person {user.pk}")
    planted.plant(house)
    as_page = patch.object(rendering, "pdf", lambda page: rendering.Pdf(page.encode(), 1))
    with as_page:
        yield house


def answers(house: SimpleNamespace, name: str) -> Iterator[Answer]:
    """Of one route."""
    row = TABLE[name]
    url = reverse(name, kwargs=row.args(house, house.mina))
    staff, home = (
        [actor for actor in those if actor in row.may_mine and actor not in row.rule_mine]
        for those in (READERS, HOME)
    )
    boxes: set[str] = set()
    for place, actor in enumerate(staff[:READERS_EACH] + home):
        if row.get != (405,):
            page = answer(house, actor, "get", url)
            yield page
            if place == 0:
                boxes = set(BOXES.findall(page.html))
                if page.runs_htmx:
                    yield answer(house, actor, "get", url, {"q": planted.ELEMENT}, {"HX-Request": "true"})
        if PAGES & {*row.post}:
            yield answer(
                house, actor, "post", url, dict.fromkeys(boxes, planted.ELEMENT) if place == 0 else {}
            )


def answer(
    house: SimpleNamespace,
    actor: str,
    method: str,
    url: str,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request, undone afterwards."""
    sid = transaction.savepoint()
    last = RecordOpening.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        with house.reads.kept() if method == "get" else nullcontext():
            response = send(house, actor, method, url, data or {}, **(headers or {}))
        mine = RecordOpening.objects.filter(pk__gt=last, user_id=house.users[actor].pk)
        left = set(mine.values_list("student_id", flat=True))
    finally:
        transaction.savepoint_rollback(sid)
    said = f"{method.upper()} {sorted(data or {})} as {actor}"
    html = response.content_read.decode(errors="replace")
    return Answer(said, response.status_code, html, response.get("Content-Type", "").partition(";")[0], left)


def elements(one: Answer) -> Iterator[str]:
    """What somebody typed is no element."""
    if one.status >= 500:
        yield "an error of ours"
    place = one.html.find(planted.ELEMENT)
    if place >= 0 and one.kind in ("text/html", "application/pdf"):
        yield one.html[max(place - 100, 0) : place + 20]


def unrecorded(one: Answer) -> Iterator[str]:
    """Whoever reads words of a record leaves a row."""
    read = {int(pk) for pk in re.findall(r"words(\d+)(?:&lt;|<)b hx-post", one.html)} - {0}
    if one.status in PAGES and read - one.left:
        yield f"words of {read - one.left}, and no row"


def running(one: Answer) -> Iterator[str]:
    """Htmx does not run round what somebody typed."""
    if one.kind == "text/html":
        reader = _Reader()
        reader.feed(one.html)
        yield from dict.fromkeys(reader.wrong)


def doubled(one: Answer) -> Iterator[str]:
    """A text that ends in a full stop gets no second."""
    words = re.sub(r"<[^>]*>", "", one.html)
    for found in re.finditer(r"/x&gt;\.\s?\.(?!\.)", words):
        yield words[max(found.start() - 80, 0) : found.end()]


def heavy(one: Answer) -> Iterator[str]:
    """Experience, Rules of form: any page is useful on slow 3G. With the markup in it, each is larger than in life."""
    size = len(gzip.compress(one.html.encode(), compresslevel=6))
    if one.kind == "text/html" and size > 20 * 1024:
        yield f"{size} bytes, more than 20 kB"


def ours(one: Answer) -> Iterator[str]:
    """The words of a school that has others."""
    if one.kind == "text/html":
        yield from dict.fromkeys(piece.strip()[:160] for piece in pieces(one.html) if OURS.search(piece))


@pytest.mark.parametrize("name", DRAWN)
def test_each_page_with_markup_in_every_text(sown, name):
    found = list(answers(sown, name))
    said = [
        f"{one.said} ({one.status}): {words}"
        for what in (elements, unrecorded, running, doubled, heavy, *(() if name in OTHERS else (ours,)))
        for one in found
        for words in what(one)
    ]
    assert not said, "\n".join(said)


class _Reader(HTMLParser):
    """Finds words outside hx-disable, and controls of htmx inside, which would do nothing."""

    VOID = frozenset(
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
    )
    INERT = frozenset({"textarea", "option", "title", "script", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.within: list[
            tuple[str, bool, bool]
        ] = []  # tag; htmx is off; nothing in it is an element, or a message
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        off = "hx-disable" in named or bool(self.within and self.within[-1][1])
        inert = tag in self.INERT or named.get("id") == "messages" or bool(self.within and self.within[-1][2])
        if off and not inert and named.keys() & {"hx-get", "hx-post"}:
            self.wrong.append(f"a control of htmx where htmx is off: {tag} {named}")
        if tag not in self.VOID:
            self.within.append((tag, off, inert))

    def handle_endtag(self, tag: str) -> None:
        while self.within and tag in (one for one, *_ in self.within):
            if self.within.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if re.search(r"words\d+<b hx-post", data) and not (
            self.within and (self.within[-1][1] or self.within[-1][2])
        ):
            path = " ".join(tag for tag, *_ in self.within[-4:])
            self.wrong.append(f"in {path}: {data.strip()[:80]}")


def test_the_reader_finds_both():
    reader = _Reader()
    reader.feed("<body><p>words1&lt;b hx-post=/x&gt;</p><div hx-disable><a hx-get='/y'>go</a></div></body>")
    assert [words[:7] for words in reader.wrong] == ["in body", "a contr"]


def test_no_template_marks_text_as_safe():
    """Markup is made by templates and format_html; letters, which are plain text, escape nothing."""
    pages = [path for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    assert pages
    wrong = [path.name for path in pages if re.search(r"\|\s*safe\b|autoescape off", path.read_text())]
    assert not wrong
