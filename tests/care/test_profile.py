"""What any teacher reads in a minute: needs, what helps, what was given, what colleagues tried."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from care.models import Resource, Tried
from tests.access.records import kept
from tests.world import TODAY, assign

pytestmark = pytest.mark.django_db


def test_a_teacher_reads_the_profile_and_nothing_else(world, as_user):
    for kind in ("profile", "risk", "safeguarding", "health"):
        kept(world.mina, world.u_keyworker, kind)
    teacher, pk = as_user(world.u_teacher), world.mina.pk
    page = teacher.get(reverse("tsp:what_helps", args=[pk])).content.decode()
    assert "Profile words of Harcastle" in page and "Add what you tried" in page
    assert not any(words in page for words in ("Risk words", "Guarded words", "Health words"))
    shut = [reverse("care:kept_list", args=[pk]), reverse("care:resource_add", args=[pk])]
    shut += [reverse("care:kept", args=[pk, kind]) for kind in ("risk", "safeguarding", "health")]
    tabs = (
        "plan",
        "reviews",
        "assessment",
        "meetings",
        "decisions",
        "checklists",
        "documents",
        "taking_over",
    )
    shut += [reverse(f"care:{name}", args=[pk]) for name in tabs]
    shut += [
        reverse(name, args=[pk])
        for name in ("tsp:student", "ilsa:student", "reports:student", "contacts:log")
    ]
    assert {teacher.get(url).status_code for url in shut} == {404}
    tabs = teacher.get(reverse("care:kept", args=[pk, "profile"])).context["tabs"]
    assert [str(tab.label) for tab in tabs if tab.active] == ["Profile"]
    record = teacher.get(reverse("students:record", args=[pk])).content.decode()
    assert "Risk reason" not in record
    tabs = as_user(world.u_teacher).get(reverse("students:record", args=[pk])).context["tabs"]
    assert [str(tab.label) for tab in tabs] == ["Timeline", "Profile", "People", "Keyworkers"]
    assign(world.otto, world.u_teacher, "core")
    theirs = [reverse("care:plan", args=[one.pk]) for one in (world.otto, world.mina)]
    assert [teacher.get(url).status_code for url in theirs] == [200, 404], (
        "in Otto's core team, Mina's teacher"
    )
    other = as_user(world.u_keyworker_other).get(reverse("tsp:what_helps", args=[pk])).content.decode()
    assert "Profile words" not in other, "who does not work with the student reads the sheets for all staff"


def test_what_was_given_stays_when_it_is_not_in_use_any_more(world, as_user):
    page, pk = as_user(world.u_keyworker), world.mina.pk
    given = {"what": "Stress ball", "given_on": (TODAY - timedelta(days=30)).isoformat(), "how": "In her bag"}
    assert page.post(reverse("care:resource_add", args=[pk]), {"what": ""}).status_code == 422
    assert page.post(reverse("care:resource_add", args=[pk]), given).status_code == 302
    row = Resource.objects.get()
    url, back = reverse("care:resource_edit", args=[pk, row.pk]), reverse("tsp:what_helps", args=[pk])
    assert "In use" in as_user(world.u_teacher).get(back).content.decode()
    bad = page.post(url, {**given, "ended_on": TODAY.isoformat()})
    assert bad.status_code == 422 and "Say why, so that nobody tries it again" in bad.content.decode()
    page.post(url, {**given, "ended_on": TODAY.isoformat(), "ended_why": "Broke it twice"})
    shown = as_user(world.u_teacher).get(back).content.decode()
    assert "Not in use" in shown and "Broke it twice" in shown and "since Monday 23 November 2026" in shown
    with pytest.raises(Exception, match="Cannot delete"):
        row.delete()


def test_what_was_tried_flows_into_the_page_and_the_report(world, as_user):
    from keywork.school import load
    from reports.sections import Span, review

    teacher, pk = as_user(world.u_teacher), world.mina.pk
    told = {
        "what": "Timer on the board",
        "happened": "She watched the timer.",
        "helped": "no",
        "on": TODAY.isoformat(),
    }
    assert teacher.post(reverse("care:tried_add", args=[pk]), {**told, "helped": ""}).status_code == 422
    saved = teacher.post(reverse("care:tried_add", args=[pk]), told, follow=True).content.decode()
    assert "Timer on the board." in saved and "It did not help" in saved
    kept(world.mina, world.u_keyworker, "risk")
    kept(world.mina, world.u_keyworker, "safeguarding")
    school = load()
    term = school.calendar.term_on(TODAY)
    span = Span(world.mina, term, term.starts_on, TODAY, TODAY, school)
    assert "Timer on the board. She watched the timer." in [one.words for one in review.works_not(span)]
    [plan] = review.plans(span)
    assert plan.words.startswith("Risk profile and management plan: in force since")
    row = Tried.objects.get()
    url = reverse("care:tried_void", args=[pk, row.pk])
    assert as_user(world.u_mentor).get(url).status_code == 404, "somebody else's"
    assert teacher.post(url, {"reason": ""}).status_code == 422
    assert "Timer" not in teacher.post(url, {"reason": "Wrong student"}, follow=True).content.decode()
    assert not [one for one in review.works_not(span) if "Timer" in one.words]
