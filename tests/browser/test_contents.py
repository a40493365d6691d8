"""Pages with far too much in them, with nothing in them, and on paper."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from care.models import Decision, DecisionReader
from contacts.models import HomeContact
from contacts.models.entry import LogEntry
from keywork import clock
from keywork.models import User
from tests.access.records import contact, session
from tests.world import make_user

from .axe import look_at, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Bartholomewfitzwilliamandersonmontgomery"  # 40 letters without a break
ENDLESS = "pneumono" * 300


@pytest.fixture
def crowded(site):
    """A student and keyworker with endless names, and a note nobody ever broke into words."""
    pair = site.pair("Ada", spoke_days_ago=30)
    pair.user.name, pair.user.reach_note = f"{LONG} {LONG}"[:80], f"Mornings {LONG}"
    pair.user.save()
    student, entry = pair.student, LogEntry
    student.preferred_forename, student.legal_forename = LONG, LONG
    student.legal_surname, student.read_first = f"{LONG}-{LONG}"[:80], ENDLESS[:280]
    student.save()
    student.refresh_from_db()
    pair.link.member.surname = LONG
    pair.link.member.save()
    topics = HomeContact.Topic.values
    for count in range(30):
        contact(student, pair.user, notes=f"{count} {ENDLESS}", with_name=f"{LONG} {LONG}", topics=topics)
    pair.entry = contact(
        student, pair.user, notes=ENDLESS, topics=topics, shared=True, shared_summary=ENDLESS[:900]
    )
    session(student, pair.user, notes=ENDLESS, agreed=ENDLESS)
    today, now = clock.today(), clock.now()
    pair.decision = Decision.objects.create(
        student=student, what=ENDLESS, why=ENDLESS, decided_by=LONG, from_on=today, asks="read", announced_by=pair.user,
        announced_at=now,
    )  # fmt: skip
    DecisionReader.objects.create(decision=pair.decision, member=pair.link.member)
    pair.parent = pair.link.member.user = make_user(f"parent_of_{student.pk}", "family")
    pair.link.member.save()
    student.user = make_user(f"student_{student.pk}", "student")
    student.save()
    assert issubclass(HomeContact, entry)
    return pair


def test_far_too_much(looking, site, crowded):
    one, two = [crowded.student.pk], [crowded.entry.pk]
    decided = [*one, crowded.decision.pk]
    seen_by: dict[User, list[str]] = {
        crowded.user: [
            reverse("portal:today"),
            reverse("students:list"),
            f"{reverse('portal:search')}?q={LONG}",
            reverse("students:record", args=one),
            reverse("students:people", args=one),
            reverse("students:keyworkers", args=one),
            reverse("contacts:log", args=one),
            reverse("contacts:log_contact", args=one),
            reverse("contacts:contact", args=two),
            reverse("contacts:amend_contact", args=two),
            reverse("contacts:void_contact", args=two),
            reverse("care:decisions", args=one),
            reverse("care:decision", args=decided),
        ],
        site.w.u_head: [
            reverse("portal:oversight"),
            reverse("portal:assignments"),
            reverse("portal:assign", args=one),
            reverse("students:openings", args=one),
        ],
        crowded.parent: [reverse("portal:family"), reverse("home:decision", args=decided)],
        crowded.student.user: [reverse("portal:my_page")],
    }
    found = {}
    for user, paths in seen_by.items():
        page = looking(user)
        for path in paths:
            assert page.goto(path).status == 200, path
            if wrong := too_wide(page):
                found[path] = wrong
    assert found == {}, "\n".join(f"{path}: {wrong}" for path, wrong in found.items())


def test_nothing_at_all(site, looking):
    """An empty page says why, and is a whole page."""
    newcomer, alone = make_user("newcomer", "staff"), make_user("alone", "student")
    page = looking(newcomer)
    paths = {
        "today": "/today/",
        "students": "/students/",
        "reports": "/reports/",
        "search": f"/search/?q={LONG}",
    }
    assert look_at(page, paths) == {}
    for path in paths.values():
        page.goto(path)
        expect(page.locator(".kw-empty").first).to_be_visible()
    for user, path in ((site.w.u_parent_former, "/home/"), (alone, "/my-page/")):
        page = looking(user)
        assert look_at(page, {path: path}) == {}
        expect(page.get_by_text("Ask an adult").or_(page.get_by_text("nothing here for you"))).to_be_visible()

    fresh = site.pair("Una", spoke_days_ago=None)
    page = looking(fresh.user)
    paths = {
        name: reverse(name, args=[fresh.student.pk])
        for name in ("students:record", "contacts:log", "students:people", "reports:student")
    }
    assert look_at(page, paths) == {}


def test_a_record_on_paper(site, open_browser):
    page = open_browser(site.w.u_keyworker)
    page.goto(reverse("students:record", args=[site.w.mina.pk]))
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.emulate_media(media="print")
    for gone in ("header.kw-top", "#nav", ".kw-skip", "footer", ".kw-tabs", ".kw-filters"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".kw-timeline li").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="print", color_scheme="dark")
    ink, paper = page.evaluate("(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))")
    assert paper == "rgb(255, 255, 255)" and ink != "rgb(255, 255, 255)"
    assert max(map(int, ink[4:-1].split(", "))) < 100, f"{ink} cannot be read on paper"
