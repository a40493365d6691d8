"""An entry in the wrong record: one act crosses it out there and writes it into the right one."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from contacts.models import HomeContact, KeyworkSession
from keywork.levels import Level
from students.models import FamilyLink
from tests.access.records import contact, session
from tests.forms import form_of
from tests.world import OTHER_SURNAME, assign, make_family, make_student

DAY, LOGGED = date(2026, 11, 5), date(2026, 11, 6)


@pytest.fixture
def zofia(world):
    student = make_student("Zofia", "Brandt")
    assign(student, world.u_keyworker)
    return student


@pytest.fixture
def wrong(world):
    return contact(
        world.mina, world.u_keyworker, member=world.mina_mum.member, with_name="Folake Harcastle (mum)",
        happened_on=DAY, logged_on=LOGGED, notes="She slept badly.", shared=True, shared_summary="For the wrong home.",
    )  # fmt: skip


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_contact_is_moved_whole_with_the_day_it_was_logged(keyworker, world, zofia, wrong):
    mum = make_family(zofia, "Magda", "Brandt", relationship="mum")
    url = reverse("contacts:move_contact", args=[wrong.pk])
    assert url in words(keyworker.get(reverse("contacts:contact", args=[wrong.pk])))
    first = words(keyworker.get(url))
    assert f'<option value="{zofia.pk}">Zofia Brandt' in first and OTHER_SURNAME not in first
    second = words(keyworker.get(url, {"to": zofia.pk}))
    assert "Magda Brandt (mum)" in second
    refused = keyworker.post(url, {"to": zofia.pk, "person": mum.pk, "reason": " "})
    assert refused.status_code == 422 and "Say why it belongs to another student" in words(refused)
    done = keyworker.post(
        url, form_of(second, "reason") | {"person": mum.pk, "reason": "Two mothers called Brandt."}
    )
    moved = HomeContact.objects.get(student=zofia)
    wrong.refresh_from_db()
    assert done["Location"] == reverse("contacts:contact", args=[moved.pk])
    assert (moved.happened_on, moved.logged_on, moved.logged_by_id) == (DAY, LOGGED, wrong.logged_by_id)
    assert (moved.notes, moved.with_name, moved.member_id) == (
        wrong.notes,
        "Magda Brandt (mum)",
        mum.member_id,
    )
    assert (moved.shared, moved.shared_summary, moved.moved_from_id) == (False, "", wrong.pk)
    assert moved.call != wrong.call
    assert wrong.void_reason.endswith("Two mothers called Brandt.") and wrong.shared_summary
    assert "Zofia Brandt’s record</a>" in words(keyworker.get(reverse("contacts:contact", args=[wrong.pk])))
    assert "Moved here from another record" in words(keyworker.get(done["Location"]))
    assert keyworker.post(url, {"to": zofia.pk, "person": mum.pk, "reason": "Again."}).status_code == 409
    assert HomeContact.objects.count() == 2


def test_whoever_reads_one_record_learns_nothing_of_the_other(keyworker, world, zofia, wrong, as_user):
    keyworker.post(
        reverse("contacts:move_contact", args=[wrong.pk]),
        {"to": zofia.pk, "person": "same", "reason": "Mixed up."},
    )
    assert HomeContact.objects.get(student=zofia).person_marked is False
    mentor = as_user(world.u_mentor)  # of Mina alone
    assert "Brandt" not in words(mentor.get(reverse("contacts:contact", args=[wrong.pk])))
    assert "slept badly" not in words(as_user(world.u_parent).get("/home/"))


def test_a_session_is_moved_too(keyworker, world, zofia):
    held = session(world.mina, world.u_keyworker, happened_on=DAY, logged_on=LOGGED)
    keyworker.post(
        reverse("contacts:move_session", args=[held.pk]), {"to": zofia.pk, "reason": "Wrong card."}
    )
    moved = KeyworkSession.objects.get(student=zofia)
    assert (moved.topics, moved.happened_on, moved.logged_on) == (held.topics, DAY, LOGGED)


@pytest.mark.parametrize("to", ["otto", "nobody", "same"])
def test_only_to_a_student_one_logs_for(keyworker, world, wrong, zofia, to):
    pk = {"otto": world.otto.pk, "nobody": "9" * 30, "same": world.mina.pk}[to]
    answer = keyworker.post(
        reverse("contacts:move_contact", args=[wrong.pk]), {"to": pk, "person": "same", "reason": "Mine."}
    )
    assert answer.status_code == 422 and "Choose one of your students" in words(answer)
    assert HomeContact.objects.filter(voided_on__isnull=False).count() == 0


def test_not_before_the_right_student_came_nor_at_a_level_one_does_not_read(keyworker, world, wrong):
    late = make_student("Neu", "Comer", joined_on=date(2026, 11, 10))
    assign(late, world.u_keyworker)
    url = reverse("contacts:move_contact", args=[wrong.pk])
    answer = keyworker.post(url, {"to": late.pk, "person": "same", "reason": "Hers."})
    assert answer.status_code == 422 and "Neu joined on Tuesday 10 November" in words(answer)
    other = make_student("Ola", "Core")
    assign(other, world.u_keyworker, "core")
    HomeContact.objects.filter(pk=wrong.pk).update(level=Level.RESTRICTED, shared=False, shared_summary="")
    answer = keyworker.post(url, {"to": other.pk, "person": "same", "reason": "Hers."})
    assert answer.status_code == 422 and "a group you belong to" in words(answer)
    assert FamilyLink.objects.exists() and HomeContact.objects.get().voided_on is None
