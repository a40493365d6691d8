"""A section with a right of its own: whoever has it not neither sees it, nor writes it, nor opens what it stands in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from keywork.access import Can
from keywork.errors import Refused
from reports import actions as making
from reports.kinds import KINDS, TSP_TERMLY, WRITTEN
from reports.models import Batch, Report
from reports.pack import offers
from reports.writing import actions, views
from reports.writing.models import WrittenReport
from tests.reports.test_paper import approved
from tests.reports.test_views import files  # noqa: F401  # fixture

pytestmark = pytest.mark.usefixtures("drawn_once")
TERM = "2026-27-autumn"
KEY, TITLE, SECRET = "gone-well", "What has gone well", "She told us about the bus."


def shut(monkeypatch, can: Can) -> None:
    """One section of the report for home has a right of its own."""
    kind = KINDS[TSP_TERMLY]
    sections = tuple(replace(one, can=can) if one.key == KEY else one for one in kind.sections)
    for kinds in (KINDS, WRITTEN):
        monkeypatch.setitem(kinds, TSP_TERMLY, replace(kind, sections=sections))


@pytest.fixture
def of_leaders(monkeypatch):
    """Those who release reports have it; the keyworker, who writes, has not."""
    shut(monkeypatch, Can.RELEASE_REPORTS)


@pytest.fixture
def of_the_pair(monkeypatch):
    """The keyworker has it; the coordinator, who checks, has not."""
    shut(monkeypatch, Can.VIEW_CIRCLE)


def begun(world, by=None) -> WrittenReport:
    """With words of somebody who may write them."""
    by = by or world.u_coordinator
    report = actions.begin(student=world.mina, kind=TSP_TERMLY, term=TERM, by=by)
    actions.write_section(report=report, section=KEY, by=by, wanted=actions.Wanted({}, [], [SECRET]))
    report.refresh_from_db()
    return report


def filled(report, by, *, but: str = "") -> WrittenReport:
    for section in WRITTEN[TSP_TERMLY].sections:
        asked = {
            line.pk: "Words." for line in report.lines.filter(section=section.key, recorded="", words="")
        }
        new = ["A line."] if section.asks and section.key not in (KEY, but) else []
        actions.write_section(
            report=report, section=section.key, by=by, wanted=actions.Wanted(asked, [], new)
        )
    report.refresh_from_db()
    return report


def test_without_a_right_of_its_own_nothing_changes(world, as_user):
    report = begun(world)
    for who in (world.u_keyworker, world.u_coordinator):
        assert TITLE in as_user(who).get(reverse("reports:written", args=[report.pk])).content.decode()
    assert not any(one.can for kind in KINDS.values() for one in kind.sections)
    assert not any(part.can for part in offers.PARTS.values())


def test_who_has_it_not_neither_sees_nor_writes_it(world, as_user, of_leaders):
    report = begun(world)
    page = as_user(world.u_keyworker)
    told = page.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert TITLE not in told and SECRET not in told and "In my words" in told
    assert TITLE not in page.get(reverse("reports:written_list")).content.decode()
    address = reverse("reports:written_section", args=[report.pk, KEY])
    assert page.get(address).status_code == 404
    assert page.post(address, {"new": "Mine."}).status_code == 404
    with pytest.raises(Refused, match="written by others"):
        actions.write_section(
            report=report, section=KEY, by=world.u_keyworker, wanted=actions.Wanted({}, [], ["Mine."])
        )
    assert [line.text for line in report.lines.filter(section=KEY) if line.added_by] == [SECRET]
    # From the section before it the way leads on to the one behind it.
    before = page.post(
        reverse("reports:written_section", args=[report.pk, "own-words"]), {"new": "I like art."}
    )
    assert before.url == reverse("reports:written_section", args=[report.pk, "areas"])
    theirs = as_user(world.u_coordinator)
    compared = reverse("reports:written_compare", args=[report.pk])
    assert SECRET not in page.get(compared).content.decode()
    assert SECRET in theirs.get(compared).content.decode()
    assert SECRET in theirs.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert theirs.get(address).status_code == 200


def test_the_sheets_they_look_at_are_without_it(world, of_leaders):
    report = begun(world)
    assert SECRET not in views.paper(report.pk, 0, world.u_keyworker.pk).html
    assert SECRET in views.paper(report.pk, 0, world.u_coordinator.pk).html


def test_what_others_have_not_written_is_told_without_its_name(world, of_leaders):
    report = actions.begin(student=world.mina, kind=TSP_TERMLY, term=TERM, by=world.u_coordinator)
    filled(report, world.u_coordinator)
    with pytest.raises(Refused, match="in a section that others write") as told:
        actions.send(report=report, by=world.u_keyworker, version=report.version)
    assert TITLE not in str(told.value)
    with pytest.raises(Refused, match=TITLE):
        actions.send(report=report, by=world.u_coordinator, version=report.version)


def test_what_is_made_is_opened_by_those_who_may_read_all_of_it(world, as_user, of_leaders):
    approved(KINDS[TSP_TERMLY], world.mina, world.u_coordinator)
    making.make_reports(batch=Batch.objects.get(), student_ids=[world.mina.pk])
    report = Report.objects.first()
    keyworker, head = as_user(world.u_keyworker), as_user(world.u_head)
    for name in ("pdf", "word"):
        assert keyworker.get(reverse(f"reports:{name}", args=[report.pk])).status_code == 404
        assert head.get(reverse(f"reports:{name}", args=[report.pk])).status_code == 200
    listed = reverse("reports:student", args=[world.mina.pk])
    assert report.title not in keyworker.get(listed).content.decode()
    assert report.title in head.get(listed).content.decode()
    # It is released to the family like any other.
    making.release(reports=Report.objects.all(), by=world.u_head)
    mine = Report.objects.get(recipients__member__user=world.u_parent)
    assert as_user(world.u_parent).get(reverse("reports:family_pdf", args=[mine.pk])).status_code == 200


def test_only_who_may_read_all_of_it_checks_it(world, as_user, of_the_pair):
    report = filled(begun(world, world.u_keyworker), world.u_keyworker)
    actions.send(report=report, by=world.u_keyworker, version=report.version)
    report.refresh_from_db()
    page = as_user(world.u_coordinator)
    told = page.get(reverse("reports:written_list")).content.decode()
    assert f"{report.pk}-{report.version}" not in told
    read = page.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert SECRET not in read and "Approve</button>" not in read
    for name in ("approve", "send_back"):
        address = reverse(f"reports:written_{name}", args=[report.pk])
        assert page.post(address, {"version": report.version, "comment": "No."}).status_code == 404
    report.refresh_from_db()
    assert report.state == WrittenReport.State.SENT
