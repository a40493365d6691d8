"""The independence report: a copy for each home, with the answers its readers may see and nobody else's."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.urls import reverse

from ilsa import templates
from ilsa.actions import agree
from ilsa.models import Assessment
from keywork import clock
from keywork.dates import LONDON
from keywork.errors import Refused
from reports import actions as making
from reports.kinds import KINDS
from reports.models import Batch, Report
from reports.writing import actions, build, views
from tests.ilsa.factories import assessment_of, filled, form_of, opened
from tests.reading import as_read
from tests.reports.test_views import files, release_all  # noqa: F401  # fixtures
from tests.tsp.factories import make_goal, make_outcome
from tests.world import make_family

TERM = "2026-27-autumn"


def begun(world):
    return actions.begin(student=world.mina, kind="ilsa", term=TERM, by=world.u_keyworker)


def copies(report) -> dict[str, str]:
    """The page of each copy, by whom it is for."""
    return {
        home["written_for"]: as_read(views.paper(report.pk, place, report.started_by_id).html)
        for place, home in enumerate(build.homes_of(report))
    }


def some_items(world, count: int) -> list[str]:
    return [one.slug for one in templates.version(assessment_of(world.mina).template_id).in_use][:count]


@pytest.fixture
def two_homes(world):
    """Both parents, of two homes, and the student answered; one difference was agreed, with a note."""
    dad = make_family(world.mina, "Simon", "Other", household="elm", relationship="dad")
    opened(world.u_head)
    first, second, third, *_ = some_items(world, 3)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2, {third: "no"})
    filled(form_of(world.mina, "pupil"), world.u_student, 3, {third: "no"})
    filled(
        form_of(world.mina, "parent_carer", world.mina_mum.member), world.u_parent, 2, {first: 0, third: "no"}
    )
    filled(form_of(world.mina, "parent_carer", dad.member), world.u_parent_other, 4, {second: 0, third: 4})
    agree(
        by=world.u_keyworker,
        assessment=assessment_of(world.mina),
        item=first,
        seen=0,
        score=2,
        tags=["one_place"],
        note="Simon says only with him.",
        agreed_on=clock.today(),
    )
    return world


def told(html: str) -> set[str]:
    """Whose marks are in the picture."""
    return set(re.findall(r"(Keyworker|Min|Folake \(mum\)|Simon \(dad\)) \d+ per cent", html))


def test_before_the_keyworker_has_rated_there_is_nothing_to_report(world):
    opened(world.u_head)
    with pytest.raises(Refused, match="not rated yet in 2026/27"):
        begun(world)


def test_each_copy_shows_what_its_readers_may_see(two_homes):
    said = copies(begun(two_homes))
    assert {names: told(html) for names, html in said.items()} == {
        "Folake Harcastle": {"Keyworker", "Folake (mum)"},
        "Simon Other": {"Keyworker", "Simon (dad)"},
        "Ada Quell": {"Keyworker"},
        "Min": {"Keyworker", "Min"},
        "the school": {"Keyworker", "Min", "Folake (mum)", "Simon (dad)"},
    }
    assert not any("Rufus" in html for html in said.values())  # shut out by a court


def test_a_note_that_may_tell_of_another_parent_crosses_to_no_home(two_homes):
    said = copies(begun(two_homes))
    assert {names for names, html in said.items() if "Simon says only with him." in html} == {
        "Min",
        "the school",
    }
    assert all("2 With prompting.</strong> Does it in one place only." in html for html in said.values())


def test_the_students_own_answers_reach_a_home_with_their_word(two_homes):
    report = begun(two_homes)
    (line,) = report.lines.filter(section="ratings", about="elm")
    assert line.is_left_out
    actions.write_section(
        report=report,
        section="ratings",
        by=two_homes.u_keyworker,
        wanted=actions.Wanted({line.pk: line.text}, []),
    )
    said = copies(report)
    assert told(said["Simon Other"]) == {"Keyworker", "Min", "Simon (dad)"}
    assert told(said["Folake Harcastle"]) == {"Keyworker", "Folake (mum)"}


def test_what_is_new_and_what_changed_is_like_for_like(world):
    with clock.frozen(datetime(2026, 5, 4, 9, tzinfo=LONDON)):
        opened(world.u_head, "2025-26")
        filled(form_of(world.mina, "keyworker", year="2025-26"), world.u_keyworker, 2)
    opened(world.u_head)
    first, *_ = some_items(world, 1)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2, {first: 4})
    report = begun(world)
    change = report.facts["ratings"]["change"]
    assert len(change["alone"]) == 1 and change["since"] == "2025/26"
    assert change["lines"][0]["words"].startswith("up ") and change["lines"][1]["words"] == "no change"
    said = copies(report)["the school"]
    assert "done alone now, and not a year ago" in said and change["alone"][0] in said


def test_three_things_begin_with_the_goals_that_grew_from_it(world):
    opened(world.u_head)
    filled(form_of(world.mina, "keyworker"), world.u_keyworker, 2)
    (item,) = some_items(world, 1)
    outcome = make_outcome(world.mina, world.u_senco)
    ref = f"ilsa:{Assessment.objects.get(student=world.mina).pk}:{item}"
    make_goal(
        world.mina,
        world.u_keyworker,
        checker=world.u_senco,
        outcomes=[outcome],
        grew_from=ref,
        student_words="Money, before college.",
    )
    report = begun(world)
    (choice,) = report.lines.filter(section="priorities", key="choice-0")
    (belongs,) = report.lines.filter(section="priorities", key="belongs-0")
    assert choice.text == "Money, before college."
    assert belongs.text.startswith("Preparing for adulthood: ") and belongs.text.endswith("Plan, outcome 1")
    said = copies(report)["the school"]
    assert said == copies(report)["the school"] and "Money, before college." in said


@pytest.mark.usefixtures("drawn_once")
def test_copies_for_school_and_student_are_kept_and_wait_for_nothing(two_homes, as_user):
    world = two_homes
    report = begun(world)
    for section in KINDS["ilsa"].sections:
        asked = {line.pk: "Words." for line in report.lines.filter(section=section.key, recorded="")}
        wanted = actions.Wanted(asked, [], ["A line."] if section.asks else [])
        actions.write_section(report=report, section=section.key, by=world.u_keyworker, wanted=wanted)
    report.refresh_from_db()
    sent = actions.send(report=report, by=world.u_keyworker, version=report.version)
    actions.approve(reports=[sent], by=world.u_coordinator)
    batch = Batch.objects.get()
    making.make_reports(batch=batch, student_ids=[world.mina.pk])
    page = as_user(world.u_coordinator)
    listed = page.get(reverse("reports:release_batch", args=[batch.pk]))
    told = listed.content.decode()
    assert "Nobody to send to" not in told and "Nobody of one household" not in told
    kept = {
        row.report.household: row.report.kept.whose for row in listed.context["rows"] if row.state == "kept"
    }
    assert kept == {"#": "For school", "#student": "For the student"}
    assert "is for the record" in told and "Print it and look at it together." in told
    assert listed.context["counts"]["copies"] == 3, "copies are those of people: Folake, Simon and Ada"
    assert not any(
        f"{one.pk}-" in key
        for one in Report.objects.filter(household__in=["#", "#student"])
        for key in listed.context["ticked"]
    )
    release_all(page, reverse("reports:release_batch", args=[batch.pk]))
    assert Report.objects.filter(released_at__isnull=True).count() == 2
    assert not Report.objects.unreleased().exists()
    order = page.get(reverse("reports:batch", args=[batch.pk]))
    assert order.context["to_release"] == 0 and "Not released" not in order.content.decode()
    assert order.content.decode().count("Kept here") == 2
    home = page.get(reverse("portal:home"), follow=True)
    assert home.context["batches"] == []
    mine = page.get(reverse("reports:student", args=[world.mina.pk])).content.decode()
    assert "is for the record" in mine and "Release to family" not in mine
    again = page.post(reverse("reports:release_batch", args=[batch.pk]), {"going": "0"}, follow=True)
    assert "there is nobody left to send to" in again.content.decode()
