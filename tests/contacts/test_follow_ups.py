"""Asking a colleague to do something about an entry: from the entry to Today, the digest, the answer and the asker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.actions.misses import record_misses
from contacts.digests import notify_of_misses
from contacts.models import Miss
from enquiries.models import Enquiry
from keywork import clock
from keywork.access import Can, allows, forget_relations, staff_who
from keywork.models import Assignment, User
from tests.contacts.rows import contact
from tests.world import TODAY, make_family

DAY = timedelta(days=1)
FRIDAY = TODAY + 4 * DAY
WORDS = "Please ring dad back about the trip."


@pytest.fixture
def entry(world):
    made = contact(world.mina, TODAY - DAY, world.u_keyworker)
    made.save()
    return made


@pytest.fixture
def ask(as_user, entry):
    """Posted on the form of the entry; the answer of the page."""

    def posted(by, person, entry=entry, by_day=FRIDAY, words=WORDS):
        url = reverse("contacts:follow_up_contact", args=[entry.pk])
        return as_user(by).post(url, {"person": person.pk, "words": words, "answer_by": by_day.isoformat()})

    return posted


def page(as_user, user, name="portal:today", *args):
    return as_user(user).get(reverse(name, args=args)).content.decode()


def test_the_loop_is_closed(world, ask, as_user, entry, quiet_misses):
    assert ask(world.u_head, world.u_mentor).status_code == 302
    row = Enquiry.objects.get()
    assert f"{world.u_head.name} asks you to follow something up" in page(as_user, world.u_mentor)
    assert "follow something up" not in page(as_user, world.u_keyworker)
    notify_of_misses()
    [asked] = [one for one in mail.outbox if one.to == [world.u_mentor.email]]
    assert asked.subject == "You are asked to follow something up in Keywork"
    assert "MH  asked by Head, by Friday 27 November" in asked.body and "dad" not in asked.body
    url = reverse("enquiries:answer", args=[row.pk])
    shown = page(as_user, world.u_mentor, "enquiries:answer", row.pk)
    assert WORDS in shown and reverse("contacts:contact", args=[entry.pk]) in shown
    assert as_user(world.u_mentor).post(url, {"do": "hand-in", "came": ""}).status_code == 422
    as_user(world.u_mentor).post(url, {"do": "hand-in", "came": "He is glad; the trip is on."})
    assert "He is glad" in page(as_user, world.u_head, "contacts:follow_ups")
    assert "He is glad" in page(as_user, world.u_keyworker, "contacts:contact", entry.pk)
    assert "follow something up" not in page(as_user, world.u_mentor)
    with clock.frozen(TODAY + DAY):
        notify_of_misses()
        notify_of_misses()
    [ended] = [one for one in mail.outbox if one.to == [world.u_head.email]]
    assert ended.subject == "What came of what you asked in Keywork"
    assert "MH  Mentor has done it" in ended.body and "glad" not in ended.body
    with clock.frozen(TODAY + 2 * DAY):
        assert notify_of_misses() == {"sent": 0}


@pytest.fixture
def quiet_misses(world):
    """Nothing is missed, so that digests tell of follow-ups alone."""
    record_misses()
    Miss.objects.update(keyworker_notified_at=clock.now(), head_notified_at=clock.now())


def test_who_cannot_says_so_and_somebody_else_is_asked(world, ask, as_user, quiet_misses):
    ask(world.u_keyworker, world.u_mentor)
    row = Enquiry.objects.get()
    as_user(world.u_mentor).post(
        reverse("enquiries:answer", args=[row.pk]), {"cannot": "1", "words": "I am on a trip myself."}
    )
    assert "I am on a trip myself." in page(as_user, world.u_keyworker, "contacts:follow_ups")
    notify_of_misses()
    assert "Mentor cannot do it" in mail.outbox[-1].body
    ask(world.u_keyworker, world.u_deputy)
    again = Enquiry.objects.latest("pk")
    as_user(world.u_keyworker).post(reverse("contacts:follow_up_take_back", args=[again.pk]))
    again.refresh_from_db()
    assert again.withdrawn_at is not None and again.withdrawn_by == world.u_keyworker
    assert as_user(world.u_deputy).get(reverse("enquiries:answer", args=[again.pk])).status_code in (302, 404)


def test_its_day_passes_and_it_is_told_once_more(world, ask, quiet_misses):
    ask(world.u_keyworker, world.u_mentor, by_day=TODAY)
    for day in (TODAY, TODAY + DAY, TODAY + 2 * DAY):
        with clock.frozen(day):
            notify_of_misses()
    said = [one.body for one in mail.outbox if one.to == [world.u_mentor.email]]
    assert len(said) == 2 and "that day has passed" in said[1] and "passed" not in said[0]


def test_whoever_leaves_is_replaced(world, ask, as_user, quiet_misses):
    ask(world.u_keyworker, world.u_mentor)
    row = Enquiry.objects.get()
    Assignment.objects.filter(user=world.u_mentor).update(ends_on=TODAY - DAY)
    forget_relations(world.u_mentor)
    assert as_user(world.u_mentor).get(reverse("enquiries:answer", args=[row.pk])).status_code == 404
    notify_of_misses()
    [told] = [one for one in mail.outbox if one.to == [world.u_keyworker.email]]
    assert "Mentor can no longer do it" in told.body
    url = reverse("contacts:follow_up_ask_another", args=[row.pk])
    assert as_user(world.u_member).get(url).status_code == 404  # not theirs to pass on
    done = as_user(world.u_keyworker).post(
        url, {"person": world.u_deputy.pk, "answer_by": FRIDAY.isoformat()}
    )
    assert done.status_code == 302
    row.refresh_from_db()
    other = Enquiry.objects.exclude(pk=row.pk).get()
    assert row.withdrawn_at and (other.user, other.question) == (world.u_deputy, WORDS)


def test_where_both_have_left_the_head_settles_it(world, ask, as_user, quiet_misses):
    ask(world.u_keyworker, world.u_mentor)
    row = Enquiry.objects.get()
    User.objects.filter(pk__in=[world.u_keyworker.pk, world.u_mentor.pk]).update(
        is_active=False, deactivated_at=clock.now()
    )
    notify_of_misses()
    [told] = [one for one in mail.outbox if one.to == [world.u_head.email]]
    assert "can no longer do it" in told.body
    assert "Cannot be asked" in page(as_user, world.u_head, "contacts:follow_ups")
    as_user(world.u_head).post(reverse("contacts:follow_up_take_back", args=[row.pk]))
    row.refresh_from_db()
    assert row.withdrawn_by == world.u_head


def test_a_head_hears_nothing_of_their_own_child(world, ask, quiet_misses):
    make_family(world.mina, "Hetty", "Harcastle", user=world.u_head)
    ask(world.u_keyworker, world.u_mentor)
    User.objects.filter(pk__in=[world.u_keyworker.pk, world.u_mentor.pk]).update(
        is_active=False, deactivated_at=clock.now()
    )
    notify_of_misses()
    assert not [one for one in mail.outbox if one.to == [world.u_head.email]]


def test_a_restricted_entry_is_asked_only_of_who_reads_it(world, ask, as_user, entry):
    type(entry).objects.filter(pk=entry.pk).update(level="restricted")
    entry.refresh_from_db()
    url = reverse("contacts:follow_up_contact", args=[entry.pk])
    form = page(as_user, world.u_keyworker, "contacts:follow_up_contact", entry.pk)
    assert "Few may read this entry" in form and world.u_deputy.name in form
    assert f">{world.u_mentor.name}<" not in form
    refused = ask(world.u_keyworker, world.u_mentor)
    assert refused.status_code == 422 and "may not read this" in refused.content.decode()
    assert as_user(world.u_mentor).get(url).status_code == 404
    assert not Enquiry.objects.exists()
    assert ask(world.u_keyworker, world.u_dsl).status_code == 302


def test_what_is_restricted_later_is_shut_to_whoever_was_asked(world, ask, as_user, entry):
    ask(world.u_keyworker, world.u_mentor)
    type(entry).objects.filter(pk=entry.pk).update(level="restricted")
    row = Enquiry.objects.get()
    assert as_user(world.u_mentor).get(reverse("enquiries:answer", args=[row.pk])).status_code == 404
    assert WORDS not in page(as_user, world.u_mentor, "enquiries:mine")


def test_no_reminder_and_no_withdrawal_by_the_other_door(world, ask, as_user):
    ask(world.u_head, world.u_mentor)
    row = Enquiry.objects.get()
    for name in ("enquiries:remind", "enquiries:withdraw"):
        assert as_user(world.u_keyworker).post(reverse(name, args=[row.pk])).status_code == 404


@pytest.mark.parametrize("can", [Can.VIEW_LOG, Can.VIEW_RESTRICTED, Can.VIEW_SAFEGUARDING])
def test_staff_who_is_the_twin_of_allows(world, can):
    found = {user.pk for user in staff_who(can, world.mina.pk)}
    assert found == {user.pk for user in world.users.values() if allows(user, can, world.mina)}


def test_entries_and_lists_cost_the_same_for_one_and_many(
    world, ask, as_user, entry, django_assert_num_queries
):
    def cost():
        client = as_user(world.u_keyworker)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("contacts:contact", args=[entry.pk]))
            client.get(reverse("portal:today"))
        return len(found)

    ask(world.u_keyworker, world.u_mentor)
    one = cost()
    for person in (world.u_deputy, world.u_member, world.u_head, world.u_senco):
        ask(world.u_keyworker, person)
    assert cost() == one
