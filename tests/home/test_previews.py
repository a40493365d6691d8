"""Preview as: what a parent, by name, or the student sees; looked at by who shares with them, written down, never written in."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from care.decisions.actions import announce
from care.models import DecisionReader
from home.messages.actions import write_home, write_to_school
from home.models import HomeMessage
from keywork import clock
from keywork.models import RecordOpening
from portal.views.preview import PARENT, STUDENT
from students.models import ChangeRequest, FamilyLink
from tests.world import TODAY, make_family, make_user

pytestmark = pytest.mark.django_db


def body(html: str) -> str:
    return html[html.index("<body") :]


def test_a_parents_page_is_theirs_alone_and_nothing_on_it_leads_on(world, as_user):
    keyworker, mum = as_user(world.u_keyworker), world.mina_mum
    make_family(world.otto, "Folake", "Harcastle")  # a sibling's link of somebody else
    FamilyLink.objects.create(student=world.otto, member=mum.member, relationship="aunt")
    write_to_school(by=world.u_parent, student=world.mina, member=mum.member, words="Hello")
    there = reverse("portal:as_parent", args=[world.mina.pk, mum.member_id])
    html = keyworker.get(there).content.decode()
    own = as_user(world.u_parent).get(f"/home/{world.mina.pk}/").content.decode()
    assert "This is what Folake Harcastle sees." in html and "You sent Keyworker a message" in html
    assert "Hello Folake." in html and "Hello Folake." in own
    assert "Otto" not in html  # whom this keyworker does not know
    rest = body(html)
    leads = set(re.findall(r'\b(?:href|action)="([^"]*)"', rest)) - {"#main"}
    pages = {there, *(f"{there}{page}/" for page in PARENT if page)}
    assert leads == {
        *pages, reverse("portal:previews", args=[world.mina.pk]),
        *[one for one in leads if one.startswith(("/static/", "#"))],
    }, leads  # fmt: skip
    assert not re.findall(r"<button(?! disabled)", rest)
    assert keyworker.post(there).status_code == 405
    row = RecordOpening.objects.filter(what="preview").latest("pk")
    assert (row.user_id, row.student_id) == (world.u_keyworker.pk, world.mina.pk) and "Parent" in row.detail
    assert (
        not RecordOpening.objects.filter(user_id=world.u_parent.pk, at__gte=row.at)
        .exclude(what="home")
        .exists()
    )
    assert keyworker.get(there + "safe/").status_code == 404


def test_every_page_of_home_and_of_a_student_can_be_looked_at_and_nothing_is_written(world, as_user):
    """A message stays unread, a decision unanswered; the parent's secret calendar address stays theirs."""
    mum = world.mina_mum
    write_home(by=world.u_keyworker, student=world.mina, member=mum.member, words="We meet the bus.")
    announce(
        by=world.u_keyworker, student=world.mina, what="A group of four.", why="", decided_by="Us", from_on=TODAY,
        asks="read", answer_by=None, members=[mum.member_id], with_student=True,
    )  # fmt: skip
    keyworker, before = as_user(world.u_keyworker), RecordOpening.objects.count()
    shown = {}
    for name, args, pages in (
        ("portal:as_parent", [world.mina.pk, mum.member_id], PARENT), ("portal:as_student", [world.mina.pk], STUDENT),
    ):  # fmt: skip
        for page, one in pages.items():
            answer = keyworker.get(reverse(name, args=[*args, page] if page else args))
            assert answer.status_code == 200 and "This is what" in answer.text, page
            shown[one.name] = answer.text
    rows = RecordOpening.objects.order_by("pk")[before:]
    assert [(row.user_id, row.what) for row in rows] == [(world.u_keyworker.pk, "preview")] * len(shown)
    assert not HomeMessage.objects.exclude(read_at=None) and not DecisionReader.objects.exclude(read_at=None)
    assert "We meet the bus." in shown["home:messages"] and "(1 new)" in shown["portal:family_child"]
    assert "A group of four." in shown["home:decisions"] and "A group of four." in shown["home:my_decisions"]
    assert "meetings.ics" not in shown["home:meet"] and 'value="' in shown["home:details"]
    assert "Term by term" in shown["portal:family_progress"] and "A chat" in shown["home:chat"]


def test_restricted_people_and_strangers(world, as_user):
    restricted = FamilyLink.objects.get(member__user=world.u_parent_restricted)
    barred = reverse("portal:as_parent", args=[world.mina.pk, restricted.member_id])
    assert as_user(world.u_keyworker).get(barred).status_code == 404
    chosen = as_user(world.u_keyworker).get(reverse("portal:previews", args=[world.mina.pk])).content.decode()
    assert "Folake" in chosen and restricted.member.forename not in chosen
    there = reverse("portal:as_student", args=[world.mina.pk])
    for user, status in (
        (world.u_mentor, 404), (world.u_keyworker_other, 404), (world.u_parent, 403), (world.u_student, 403),
        (world.u_deputy, 200), (world.u_head, 200),
    ):  # fmt: skip
        assert as_user(user).get(there).status_code == status, user
    apart = make_user("apart", "family", active=False)
    closed = make_family(world.mina, "Piotr", "Harcastle", user=apart)
    gone = reverse("portal:as_parent", args=[world.mina.pk, closed.member_id])
    assert as_user(world.u_keyworker).get(gone).status_code == 404


def test_what_only_the_student_and_the_head_know_is_not_in_a_preview(world, as_user):
    ChangeRequest.objects.create(
        student=world.mina, words="x", asked_by=world.u_student, asked_at=clock.now(), outcome="talk", answer="Yes",
        answered_by=world.u_head, answered_at=clock.now(),
    )  # fmt: skip
    words = "Your answer about your keyworker is here"
    assert words in as_user(world.u_student).get("/my-page/").content.decode()
    preview = as_user(world.u_keyworker).get(reverse("portal:as_student", args=[world.mina.pk]))
    assert words not in preview.content.decode() and "Hello Min" in preview.content.decode()
