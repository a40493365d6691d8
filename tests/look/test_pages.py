"""The shell: no inline script or style, links by capability, tables that keep their meaning when stacked."""

import re
from pathlib import Path

import django_tables2 as tables
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory

from keywork.nav import MOST_LINKS, links_for
from keywork.templatetags import kw
from tests.reading import as_read

WIDEST = 150  # columns; aim at 120
TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


def test_nothing_inline():
    for path in TEMPLATES:
        source = path.read_text()
        inline = re.search(r"\sstyle\s*=|\son(click|load|submit|change|input)\s*=|javascript:", source)
        assert not inline, path
        for opening in re.findall(r"<script\b[^>]*>", source):
            assert "src=" in opening or 'type="application/json"' in opening, path


def test_a_date_names_its_month_in_full():
    for path in TEMPLATES:
        assert not re.search(r'date:"[^"]*[Mby]', path.read_text()), path


ONE_TAG = re.compile(r"\s*\{%[^%]*%\}")  # Django reads a tag from one line


def test_lines_are_short_enough_to_read():
    """A line may end wherever a browser does not see it. Mail in text is left out: a paragraph of it is one line."""
    wide = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > WIDEST and not ONE_TAG.fullmatch(line)
    ]
    assert not wide


class People(tables.Table):
    name = tables.Column(attrs={"th": {"scope": "row"}})
    state = tables.Column(orderable=False, attrs={"td": {"class": "is-quiet"}})
    caption = "Two people"

    class Meta:
        order_by = "-name"


def drawn(path="/?state=open", **paginate):
    request = RequestFactory().get(path)
    table = People([{"name": "Ada", "state": "ok"}, {"name": "<Bo>", "state": kw.badge("ok", "Done")}])
    tables.RequestConfig(request, paginate=paginate or False).configure(table)
    return as_read(render_to_string("django_tables2/keywork.html", {"table": table, "request": request}))


def test_table_cells_carry_their_heading():
    html = drawn()
    assert '<td role="cell" data-label="State" class="is-quiet">' in html
    assert '<th role="rowheader" scope="row">&lt;Bo&gt;</th>' in html
    assert "<caption>Two people</caption>" in html


def test_sorted_column_says_so_and_links_keep_the_filter():
    html = drawn()
    assert html.count("aria-sort") == 1
    assert 'aria-sort="descending"' in html
    assert 'href="?state=open&amp;sort=name#listed"' in html


def test_pager_keeps_the_filter():
    html = drawn(per_page=1)
    assert "1 to 1 of 2" in html
    assert 'href="?state=open&amp;page=2#listed"' in html
    assert 'rel="prev"' not in html


@pytest.mark.parametrize(
    "path",
    [path for path in TEMPLATES if '"components/pager.html"' in path.read_text()],
    ids=lambda path: str(path.relative_to(settings.BASE_DIR)),
)
def test_every_pager_leads_back_to_its_list(path):
    """The next page opens at the list turned over, which stands in the same template, before the links."""
    source = path.read_text()
    for part in re.findall(r'include "components/pager.html"([^%]*)%}', source):
        place = re.search(r'\bto=(?:"(\w+)"|table.prefix\|add:"(\w+)"|(\w+)(?= ))', part)
        assert place, f"a pager of {path.name} does not say where its list begins: {part}"
        begins = place[1] or (f"{{{{ table.prefix }}}}{place[2]}" if place[2] else f"{{{{ {place[3]} }}}}")
        where = f'id="{begins}"'
        assert source.count(where) == 1 and source.index(where) < source.index(part)


@pytest.mark.parametrize(
    ("who", "labels"),
    [
        ("keyworker", ["Today", "My students", "Reviews", "Reports", "Search"]),
        ("head", ["Oversight", "Assignments", "Students", "TSP", "Reports"]),
        ("coordinator", ["Oversight", "Students", "TSP", "Reports", "Search"]),
        ("dsl", ["Oversight", "Safeguarding", "Students", "Reports", "Search"]),
        ("admin", ["School", "Students", "Import", "Accounts", "Search"]),
        ("staff_parent", ["Today", "Home"]),
        ("parent", ["Home"]),
    ],
)
def test_links_by_capability(world, who, labels):
    found = [link.label for link in links_for(getattr(world, f"u_{who}"), "/")]
    assert found == labels
    assert len(found) <= MOST_LINKS


def test_the_link_above_a_page_is_active(world):
    links = links_for(world.u_keyworker, "/students/12/")
    assert [link.label for link in links if link.active] == ["My students"]


def test_the_500_page_needs_nothing():
    assert "our fault" in render_to_string("500.html")
