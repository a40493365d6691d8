"""A new keyworker reads the EHC plan, the plans in force and the hand-over note, and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from care.models import TakingOver
from care.plans import actions as plans
from keywork import clock
from keywork.actions.assignments import end_all
from keywork.models import Assignment
from students.models import HandOverNote
from tests.access.records import kept, plan
from tests.world import TODAY

pytestmark = pytest.mark.django_db


def test_asked_on_the_first_day_until_it_is_done(world, as_user):
    new, url = world.u_senco, reverse("care:taking_over", args=[world.mina.pk])
    plan(world.mina, world.u_head)
    versions = {kind: kept(world.mina, world.u_keyworker, kind) for kind in ("safeguarding", "risk")}
    note = HandOverNote.objects.create(
        student=world.mina, words="Likes trains.", written_by=world.u_keyworker, written_at=clock.now()
    )
    end_all(student=world.mina, ends_on=TODAY - timedelta(days=1), by=world.u_head)
    Assignment.objects.create(student=world.mina, user=new, kind="keyworker", starts_on=TODAY)
    page = as_user(new)
    assert "You are Min’s keyworker now." in page.get(reverse("portal:today")).content.decode()
    assert "has still to read" in as_user(world.u_head).get(world.mina.get_absolute_url()).content.decode()
    shown = page.get(url).content.decode()
    for words in (
        "EHC plan, version 1",
        "Safeguarding Support Plan, version 1",
        "Hand-over note of Keyworker",
    ):
        assert words in shown
    keys = [f"plan-{one.pk}" for one in versions.values()]
    refused = page.post(url, {"read": [*keys, f"note-{note.pk}"]})
    assert (
        refused.status_code == 422 and "Read this as well, and tick it: EHC plan" in refused.content.decode()
    )
    assert not TakingOver.objects.exists()
    ehc = world.mina.plans.get()
    assert page.post(url, {"read": [*keys, f"note-{note.pk}", f"ehc-{ehc.pk}"]}).status_code == 302
    assert "keyworker now" not in page.get(reverse("portal:today")).content.decode()
    assert (
        "has still to read" not in as_user(world.u_head).get(world.mina.get_absolute_url()).content.decode()
    )
    said = TakingOver.objects.get()
    assert said.by == new and len(said.read) == 4
    assert {row.user for row in plans.asked_about(versions.values()) if row.answered_at} == {new}
    note.refresh_from_db()
    assert note.read_by == new
    assert "Likes trains" not in as_user(world.u_head).get(url).content.decode()
    assert as_user(world.u_head).post(url).status_code == 302 and TakingOver.objects.count() == 1
