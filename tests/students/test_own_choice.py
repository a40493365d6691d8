"""From 16 a young person decides who at home sees what; it holds from the next click."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from care.decisions.actions import announce_change
from care.models import DecisionReader
from keywork.models import User
from students.actions.family import record_own_choice
from students.models import FamilyLink, OwnChoice, Student
from students.rules import is_young_person
from tests.access.records import order, report
from tests.world import TODAY, make_family, make_user

pytestmark = pytest.mark.django_db


def test_sixteen_is_reached_on_the_birthday():
    assert not is_young_person(date(2010, 11, 24), TODAY) and is_young_person(date(2010, 11, 23), TODAY)
    assert not is_young_person(date(2012, 2, 29), date(2028, 2, 28))
    assert is_young_person(date(2012, 2, 29), date(2028, 3, 1))


def test_what_they_decide_closes_and_opens_in_a_running_session(world, as_user, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Student.objects.filter(pk=world.mina.pk).update(born_on=date(2010, 5, 17))
    sent = report(world.mina, order(world.u_head), released=True)
    mum, keyworker = as_user(world.u_parent), as_user(world.u_keyworker)
    home, paper = f"/home/{world.mina.pk}/", f"/reports/{sent.pk}/home/"
    here = f"/students/{world.mina.pk}/own-choice/"
    assert here in keyworker.get(f"/students/{world.mina.pk}/people/").text
    page = keyworker.get(here)
    names = [name for name in page.context["form"].fields if name.startswith("link_")]
    assert f"link_{world.mina_mum.pk}" in names
    restricted = FamilyLink.objects.get(member__forename="Rufus")
    assert f"link_{restricted.pk}" not in names, "a court order stands above any choice"

    def decide(sees, **other):
        fields = {name: "all" for name in names} | {f"link_{world.mina_mum.pk}": sees}
        return keyworker.post(here, {"decided_on": "2026-11-20", **fields, **other}, follow=True)

    page = decide("page", speaks_for_self="on", words="I want to say it myself.").text
    assert "Min speaks for themselves." in page and "I want to say it myself." in page
    assert "Decided on Friday 20 November 2026; written down by Keyworker on Monday 23 November 2026." in page
    assert mum.get(home).status_code == 200 and mum.get(paper).status_code == 404
    decide("nothing")
    assert (mum.get(home).status_code, mum.get(paper).status_code) == (404, 404)
    assert "There is nothing here for you to see just now." in mum.get("/home/").text
    assert as_user(world.u_staff_parent).get(home).status_code == 200, "of everybody else nothing changes"
    assert as_user(world.u_parent_restricted).get(home).status_code == 404
    assert world.mina_mum not in FamilyLink.objects.for_reports(TODAY)
    decide("all")
    assert (mum.get(home).status_code, mum.get(paper).status_code) == (200, 200)
    assert OwnChoice.objects.count() == 3 and OwnChoice.objects.filter(replaced_at=None).count() == 1


def test_who_speaks_for_themselves_is_asked_first(world, as_user):
    mina = world.mina
    Student.objects.filter(pk=mina.pk).update(born_on=date(2010, 5, 17))
    aunt = make_family(mina, "Bea", "Harcastle", user=make_user("aunt_shut_out", "family"))
    record_own_choice(
        student=mina, by=world.u_keyworker, decided_on=TODAY, speaks_for_self=True, sees={aunt.pk: "nothing"}
    )
    keyworker, mum = as_user(world.u_keyworker), as_user(world.u_parent)
    page = keyworker.get(f"/students/{mina.pk}/decisions/add/")
    assert page.context["form"].initial["people"] == ["student"]
    assert "Min speaks for themselves and is asked." in page.text and "Bea Harcastle" not in page.text
    meeting = keyworker.get(f"/students/{mina.pk}/meetings/add/")
    assert meeting.context["form"].initial["with_student"] is True
    assert "Ask Min first, not the parents." in meeting.text
    # A change that school makes is for the student to answer; home is told, and never late.
    made = announce_change(
        by=world.u_keyworker,
        student=mina,
        what="Maths in a small group.",
        from_on=TODAY,
        origin="",
        asked=True,
    )
    assert {one.member_id for one in made.readers.all()} == {None, world.mina_mum.member_id, *others(world)}
    there = reverse("home:decision", args=[mina.pk, made.pk])
    told = mum.get(there).text
    assert "School asks Min first. You need not answer." in told and "Please answer" not in told
    assert "Read about a change" not in mum.get(f"/home/{mina.pk}/").text
    assert "Read about a change" in as_user(world.u_student).get("/my-page/").text
    late = DecisionReader.objects.late(made.answer_by + timedelta(days=1))
    assert [one.member_id for one in late] == [None]


def others(world) -> set[int]:
    """Whom the keyworker may be in touch with beside the mother."""
    links = FamilyLink.objects.for_keywork(TODAY).filter(student=world.mina).exclude(member__forename="Bea")
    return set(links.values_list("member", flat=True))


def test_not_before_sixteen_nor_ahead(world, as_user):
    keyworker, here = as_user(world.u_keyworker), f"/students/{world.mina.pk}/own-choice/"
    assert "Not yet 16" in keyworker.get(here).text
    links = {f"link_{link.pk}": "all" for link in world.mina.family_links.all()}
    assert "Min was not 16 on this day" in keyworker.post(here, {"decided_on": "2026-11-20", **links}).text
    assert "Choose today or a day before" in keyworker.post(here, {"decided_on": "2026-11-24", **links}).text
    assert not OwnChoice.objects.exists() and User.objects.exists()
