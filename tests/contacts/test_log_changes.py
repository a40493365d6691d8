"""Amending with versions, crossing out, late approval, holds (C10, C12, C17)."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from contacts.actions.contacts import Person, log_contact
from contacts.duties import HomeContactDuty
from contacts.models import ContactHold, HomeContact, KeyworkSession
from keywork import clock
from tests import world as cast
from tests.forms import form_of


@pytest.fixture
def contact(keyworker, log_url, spoke):
    keyworker.post(log_url, spoke(share="on"))
    return HomeContact.objects.get()


def amend_url(contact) -> str:
    return reverse("contacts:amend_contact", args=[contact.pk])


def page(response) -> str:
    return response.content.decode()


def test_amending_writes_a_new_version_and_keeps_the_old(keyworker, contact, spoke):
    form = keyworker.get(amend_url(contact)).context["form"]
    assert (form.shown("notes"), form.shown("person")) == (contact.notes, "same")
    response = keyworker.post(amend_url(contact), spoke(person="same", notes="Second words", share="on"))
    assert response["Location"] == reverse("contacts:contact", args=[contact.pk])
    contact.refresh_from_db()
    assert (contact.notes, contact.version, contact.with_name) == (
        "Second words",
        2,
        "Folake Harcastle (mum)",
    )
    text = page(keyworker.get(response["Location"]))
    assert "Home is pleased with the climbing wall." in text
    assert "Second words" in text


def test_two_editors_never_overwrite_each_other(keyworker, contact, spoke, as_user, world):
    """What one did not touch keeps what the other saved; where both wrote, the person chooses."""
    mine = form_of(page(keyworker.get(amend_url(contact))), "notes")
    as_user(world.u_head).post(
        amend_url(contact), spoke(person="same", notes="The head's words", channel="text")
    )
    response = keyworker.post(amend_url(contact), mine | {"notes": "My own words", "topics": ["health"]})
    text = page(response)
    assert response.status_code == 409
    assert "Head changed “What was said” while you were writing" in text
    assert "The head&#x27;s words" in text and "My own words" in text
    contact.refresh_from_db()
    assert (contact.notes, contact.channel) == ("The head's words", "text")
    again = form_of(text, "notes")
    assert keyworker.post(amend_url(contact), again).status_code == 409, "nothing is chosen yet"
    chosen = re.search(r'name="(choice:notes)" value="(mine[^"]+)"', text)
    keyworker.post(amend_url(contact), again | {"notes": "Both together", chosen[1]: chosen[2]})
    contact.refresh_from_db()
    assert (contact.notes, contact.channel, contact.topics) == ("Both together", "text", ["health"])


def test_a_note_crossed_out_meanwhile_keeps_what_was_typed(keyworker, contact, spoke, as_user, world):
    mine = form_of(page(keyworker.get(amend_url(contact))), "notes")
    head = as_user(world.u_head)
    head.post(reverse("contacts:void_contact", args=[contact.pk]), {"reason": "Wrong child"})
    response = keyworker.post(amend_url(contact), mine | {"notes": "My own words"})
    assert response.status_code == 409
    assert "Head crossed this note out" in page(response) and "My own words" in page(response)


@pytest.mark.parametrize("url_name", ["amend_contact", "void_contact"])
def test_only_the_writer_and_the_head_change_an_entry(contact, as_user, world, spoke, url_name):
    url = reverse(f"contacts:{url_name}", args=[contact.pk])
    for actor, status in {
        "mentor": 403,
        "member": 403,
        "former": 404,
        "keyworker_other": 404,
        "slt": 404,
        "parent": 403,
    }.items():
        answer = as_user(world.users[actor]).post(url, spoke(person="same", reason="x", notes="Theirs"))
        assert answer.status_code == status, actor
    assert as_user(world.u_head).get(url).status_code == 200
    contact.refresh_from_db()
    assert (contact.version, contact.voided_on) == (1, None)


def test_a_later_date_than_it_was_written_down_is_refused(keyworker, contact, spoke):
    with clock.frozen(cast.TODAY + timedelta(days=2)):
        response = keyworker.post(amend_url(contact), spoke(person="same", happened_on="2026-11-24"))
    assert "the day it was written down, or earlier" in page(response)


def test_an_earlier_date_may_need_approval_again(keyworker, contact, spoke):
    keyworker.post(amend_url(contact), spoke(person="same", happened_on="2026-11-01"))
    contact.refresh_from_db()
    assert contact.needs_approval is True


class TestMadeToCountLater:
    """C10: a change that makes an entry count is judged by the day of the change."""

    TRIED_ON = cast.TODAY - timedelta(days=30)

    @pytest.fixture
    def tried(self, keyworker, log_url, spoke):
        with clock.frozen(self.TRIED_ON):
            keyworker.post(log_url, spoke(reached="no_answer", happened_on=self.TRIED_ON.isoformat()))
        return HomeContact.objects.get()

    def test_an_old_no_answer_becomes_no_contact_by_itself(self, keyworker, tried, spoke):
        said = keyworker.post(
            amend_url(tried),
            spoke(person="same", reached="spoke", happened_on=self.TRIED_ON.isoformat()),
            follow=True,
        )
        tried.refresh_from_db()
        assert (tried.outcome, tried.needs_approval, tried.approved_on) == ("two_way", True, None)
        assert "counts once Head approves it" in page(said)
        assert "changed to this 30 days later" in page(said)
        state = HomeContactDuty().states([tried.student], cast.TODAY)[0]
        assert state.last_on is None

    def test_within_the_limit_it_counts_and_other_changes_do_not_matter(self, keyworker, tried, spoke):
        soon = self.TRIED_ON + timedelta(days=2)
        with clock.frozen(soon):
            keyworker.post(
                amend_url(tried),
                spoke(person="same", reached="spoke", happened_on=self.TRIED_ON.isoformat()),
            )
        keyworker.post(
            amend_url(tried),
            spoke(person="same", notes="More words", happened_on=self.TRIED_ON.isoformat()),
        )
        tried.refresh_from_db()
        assert (tried.notes, tried.changed_on, tried.needs_approval) == ("More words", soon, False)

    @pytest.mark.parametrize("topics", [["attendance", "engagement", "social_progress"], ["attendance"]])
    def test_an_old_session_is_judged_so_too(self, keyworker, met, world, topics):
        url = reverse("contacts:log_session", args=[world.mina.pk])
        day = self.TRIED_ON - timedelta(days=10)
        with clock.frozen(day):
            keyworker.post(
                url,
                met(
                    status="held" if len(topics) > 1 else "cancelled",
                    topics=topics[:1],
                    happened_on=day.isoformat(),
                ),
            )
        one = KeyworkSession.objects.get()
        keyworker.post(
            reverse("contacts:amend_session", args=[one.pk]),
            met(topics=topics, happened_on=day.isoformat()),
        )
        one.refresh_from_db()
        assert (one.status, one.needs_approval, one.version) == ("held", True, 2)


def test_crossing_out_needs_a_reason_and_keeps_the_row(keyworker, contact):
    url = reverse("contacts:void_contact", args=[contact.pk])
    assert keyworker.get(url).status_code == 200
    refused = keyworker.post(url, {"reason": " "})
    assert refused.status_code == 422
    assert "Say why it is crossed out" in page(refused)
    keyworker.post(url, {"reason": "It was another family"})
    contact.refresh_from_db()
    assert (contact.void_reason, contact.voided_by_id) == ("It was another family", contact.made_by_id)
    assert keyworker.post(url, {"reason": "again"}).status_code == 409
    text = page(keyworker.get(reverse("contacts:contact", args=[contact.pk])))
    assert "It was another family" in text


def _late(world) -> HomeContact:
    return log_contact(
        by=world.u_keyworker,
        student=world.mina,
        person=Person(link=world.mina_mum),
        happened_on=cast.TODAY - timedelta(days=18),
        channel="phone",
        reached="spoke",
    )[0]


def test_the_head_approves_a_late_entry_with_a_reason(as_user, world):
    late = _late(world)
    head = as_user(world.u_head)
    listed = page(head.get(reverse("contacts:approvals")))
    assert "18 days later" in listed
    url = reverse("contacts:approve", args=[late.pk])
    assert head.post(url, {"reason": ""}).status_code == 422
    assert head.post(url, {"reason": "The phone log shows it"}).status_code == 302
    late.refresh_from_db()
    assert (late.approved_on, late.approved_by_id) == (cast.TODAY, world.u_head.pk)
    assert head.post(url, {"reason": "again"}).status_code == 409
    assert "Nothing waits for approval" in page(head.get(reverse("contacts:approvals")))


@pytest.mark.parametrize(
    ("actor", "status"), [("keyworker", 403), ("deputy", 403), ("slt", 403), ("parent", 403)]
)
def test_nobody_else_approves(as_user, world, actor, status):
    late = _late(world)
    client = as_user(world.users[actor])
    assert client.post(reverse("contacts:approve", args=[late.pk]), {"reason": "mine"}).status_code == status
    assert client.get(reverse("contacts:approvals")).status_code == status
    late.refresh_from_db()
    assert late.approved_on is None


def test_old_words_of_a_restricted_version_stay_hidden(keyworker, contact, spoke, as_user, world):
    url = amend_url(contact)
    keyworker.post(url, spoke(person="same", notes="Sentinel secret", level="restricted"))
    keyworker.post(url, spoke(person="same", notes="Plain words", level="general"))
    read_by_member = page(as_user(world.u_member).get(reverse("contacts:contact", args=[contact.pk])))
    assert "Plain words" in read_by_member
    assert "Sentinel secret" not in read_by_member
    assert "Sentinel secret" in page(keyworker.get(reverse("contacts:contact", args=[contact.pk])))


def test_a_restricted_entry_does_not_exist_for_the_core_team(keyworker, log_url, spoke, as_user, world):
    keyworker.post(log_url, spoke(level="restricted"))
    url = reverse("contacts:contact", args=[HomeContact.objects.get().pk])
    for actor, status in {
        "keyworker": 200,
        "deputy": 200,
        "dsl": 200,
        "member": 404,
        "head": 404,
        "mentor": 404,
    }.items():
        assert as_user(world.users[actor]).get(url).status_code == status, actor


# Holds


def test_a_hold_is_placed_listed_and_ended(as_user, world):
    dsl = as_user(world.u_dsl)
    url = reverse("contacts:holds", args=[world.mina.pk])
    data = {"starts_on": "2026-11-20", "ends_on": "2026-12-04", "reason": "The family asked for quiet"}
    assert dsl.post(url, data).status_code == 302
    hold = ContactHold.objects.get()
    assert "The family asked for quiet" in page(dsl.get(url))
    assert dsl.post(url, data).status_code == 422  # the same days twice
    assert dsl.post(reverse("contacts:end_hold", args=[hold.pk])).status_code == 302
    hold.refresh_from_db()
    assert hold.ends_on == date(2026, 11, 22)
    dsl.post(reverse("contacts:end_hold", args=[hold.pk]))
    hold.refresh_from_db()
    assert hold.ends_on == date(2026, 11, 22)


def test_a_hold_not_yet_begun_is_taken_away(as_user, world):
    head = as_user(world.u_head)
    head.post(
        reverse("contacts:holds", args=[world.mina.pk]),
        {"starts_on": "2026-12-01", "ends_on": "2026-12-04", "reason": "Court"},
    )
    hold = ContactHold.objects.get()
    head.post(reverse("contacts:end_hold", args=[hold.pk]))
    assert not ContactHold.objects.exists()
    assert (
        ContactHold.pgh_event_model.objects.filter(pgh_obj_id=hold.pk).count() == 2
    )  # placed, and taken away


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ends_on": "2026-11-01"}, "not before the first"),
        ({"starts_on": "0026-12-01", "ends_on": "0026-12-01"}, "Look at the year"),
        ({"starts_on": "26-12-01"}, "Look at the year"),
        ({"starts_on": "01/12/26"}, "Look at the year"),
        (
            {"ends_on": "9999-12-31"},
            "<span>Look at the year: 9999 is not between 1966 and 2046</span>",  # beside its field
        ),
        ({"reason": ""}, "Say why home must not be contacted"),
    ],
)
def test_a_hold_that_cannot_be_is_refused(as_user, world, changes, words):
    data = {"starts_on": "2026-11-20", "ends_on": "2026-12-04", "reason": "Court"} | changes
    response = as_user(world.u_dsl).post(reverse("contacts:holds", args=[world.mina.pk]), data)
    assert (response.status_code, words in page(response)) == (422, True)


@pytest.mark.parametrize("actor", ["keyworker", "mentor", "slt", "parent"])
def test_nobody_else_places_or_reads_holds(as_user, world, actor):
    client = as_user(world.users[actor])
    url = reverse("contacts:holds", args=[world.mina.pk])
    assert client.get(url).status_code == 403
    assert (
        client.post(url, {"starts_on": "2026-11-20", "ends_on": "2026-12-04", "reason": "x"}).status_code
        == 403
    )
    assert not ContactHold.objects.exists()
