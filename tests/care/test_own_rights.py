"""Actions of care that ask the right of who does them, as their twins do: a view is not the only door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from care.decisions import actions as decisions
from care.documents.actions import void_document
from care.models import ReviewPerson
from care.plans.actions import end_plan
from care.reviews import actions as reviews
from care.sharing import actions as sharing
from enquiries.actions import decline
from enquiries.models import Enquiry
from keywork import clock
from keywork.errors import Refused
from tests.access.records import document, kept, plan, review, review_person
from tests.care.test_decisions import announced
from tests.world import TODAY

pytestmark = pytest.mark.django_db


def test_what_began_with_a_right_is_ended_with_it(world):
    safe = kept(world.mina, world.u_keyworker, "safeguarding").plan
    for by in (world.u_teacher, world.u_keyworker_other, world.u_head):
        with pytest.raises(Refused, match="is kept by others"):
            end_plan(plan=safe, why="No longer.", by=by)
    made, paper = announced(world), document(world.mina, world.u_keyworker)
    with pytest.raises(Refused, match="Only those who work"):
        decisions.withdraw(by=world.u_keyworker_other, decision=made, reason="No longer.")
    with pytest.raises(Refused, match="Only those who work"):
        void_document(document=paper, reason="Wrong", by=world.u_keyworker_other)
    end_plan(plan=safe, why="No longer.", by=world.u_keyworker)
    decisions.withdraw(by=world.u_keyworker, decision=made, reason="No longer.")
    void_document(document=paper, reason="Wrong", by=world.u_keyworker)


def test_a_share_is_ended_by_who_could_read_what_is_shown(world, as_user):
    version = kept(world.mina, world.u_keyworker, "safeguarding")
    row = sharing.share(
        student=world.mina, what="plan", item_id=version.pk, user=world.u_admin, reason="Drives the minibus",
        until=TODAY + timedelta(days=3), by=world.u_keyworker,
    )  # fmt: skip
    url = reverse("care:shared_end", args=[world.mina.pk, row.pk])
    answer = as_user(world.u_head).post(url)  # may show things, and reads no safeguarding plan
    row.refresh_from_db()
    assert answer.status_code == 404 and "Admin" not in answer.content.decode() and row.ended_at is None
    with pytest.raises(Refused):
        sharing.end(shared=row, by=world.u_head)
    as_user(world.u_dsl).post(url)
    row.refresh_from_db()
    assert row.ended_by == world.u_dsl


def test_of_a_review_that_is_off_nothing_stands_with_who_could_not(world, as_user):
    made = review(plan(world.mina, world.u_senco), world.u_senco)
    person = review_person(made, world.u_senco, role="school", user=world.u_mentor)
    ask = Enquiry.objects.create(
        student=world.mina, user=world.u_mentor, kind="care.review", period=str(made.pk), target_id=person.pk,
        asked_by=world.u_senco, asked_at=clock.now(), answer_by=TODAY,
    )  # fmt: skip
    decline(enquiry=ask, words="I am away.")
    page = reverse("enquiries:mine")
    assert "I am away." in as_user(world.u_mentor).get(page).content.decode()
    reviews.void(by=world.u_senco, review=made, reason="Moved house.")
    ask.refresh_from_db()
    assert ask.withdrawn_at is not None and ReviewPerson.objects.get(pk=person.pk).reply_words == "I am away."
    assert "I am away." not in as_user(world.u_mentor).get(page).content.decode()
