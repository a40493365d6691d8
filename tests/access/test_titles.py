"""What a browser's tab and history say of each page: what the page is, never whom it is about."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from html import unescape

import lxml.html
import pytest
from django.urls import reverse

from students.models import FamilyMember, Student
from tests.browser.test_every_page import READERS

from .expectations import TABLE
from .stage import send

# Pages that stand at two addresses.
SAME = (
    {"portal:family", "portal:family_child"},  # the first child
    {"care:plan", "care:plan_version"},  # the version in force
    {"care:kept", "care:kept_version"},  # the version in force
    {"enquiries:mine", "enquiries_before:mine"},  # an address that was sent before
    {"enquiries:answer", "enquiries_before:answer"},
)

pytestmark = pytest.mark.django_db

# All of these are one page while they wait for the printer.
PAPERS = {
    "portal:oversight_report",
    "reports:authority_pdf",
    "reports:independence_paper",
    "reports:kept_plan",
    "reports:pack_pages",
    "reports:profile",
    "reports:written_pages",
}


def titles_of(house, student) -> dict[str, dict[str, str]]:
    """The title of every page of ours, by who opens it and route: the first of the staff who may, parent, student."""
    found: dict[str, dict[str, str]] = {reader: {} for reader in READERS}
    for name, row in TABLE.items():
        may = [reader for reader in READERS if reader in row.may_mine and 200 in row.get]
        for reader in {*may[:1], *({"parent", "student"} & set(may))}:
            with house.reads.kept():
                response = send(house, reader, "get", reverse(name, kwargs=row.args(house, student)))
            if response.status_code != 200 or not response["Content-Type"].startswith("text/html"):
                continue
            page = response.content.decode()
            assert 'href=""' not in page, f"{reader}, {name}: a link leads nowhere"
            read = lxml.html.fromstring(page)
            assert not forms_without_button(read), f"{reader}, {name}: a form cannot be sent"
            times = Counter(read.xpath("//@id"))
            assert max(times.values()) == 1, f"{reader}, {name}: two of one id: {times.most_common(3)}"
            if title := re.search(r"<title>(.*?)</title>", page, re.DOTALL):
                found[reader][name] = unescape(title[1])
    return found


def forms_without_button(read: lxml.html.HtmlElement) -> list[str]:
    """Of forms with something to fill in, the addresses of those that nothing on the page sends."""
    sends = "self::button[not(@type) or @type='submit'] or self::input[@type='submit']"
    return [
        form.get("action") or "its own"
        for form in read.iter("form")
        if form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea")
        and not form.xpath(f".//*[{sends}]")
        and not read.xpath(f"//*[@form=$of][{sends}]", of=form.get("id", "none"))
    ]


def names_of(people) -> set[str]:
    """Every word of their names."""
    return {word for person in people for word in re.findall(r"\w{3,}", person)}


def test_no_title_names_anybody_and_no_two_pages_share_one(house):
    titles = titles_of(house, house.mina)
    assert all(titles.values())
    students = names_of(
        f"{one.known_as} {one.legal_forename} {one.legal_surname} {one.name}" for one in Student.objects.all()
    )
    families = names_of(one.name for one in FamilyMember.objects.all()) - {"Home"}
    named = [
        (reader, route, title)
        for reader, pages in titles.items()
        for route, title in pages.items()
        if (students | families) & set(re.findall(r"\w+", title))
    ]
    same = defaultdict(set)
    for reader, pages in titles.items():
        for route, title in pages.items():
            same[reader, title].add(route)
    shared = {
        key: sorted(routes)
        for key, routes in same.items()
        if len(routes) > 1 and routes not in SAME and not routes <= PAPERS
    }
    assert named == []
    assert not shared, "\n".join(f"{key}: {routes}" for key, routes in shared.items())
