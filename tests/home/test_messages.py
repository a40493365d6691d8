"""A parent writes to the keyworker: a contact in the log, answered, read by these two sides alone; and a worry beside it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from contacts.models import ContactHold, HomeContact
from home.models import HomeMessage
from keywork import clock
from keywork.models import Assignment, StaffAbsence
from outbox.models import Job
from safety.models import Worry
from students.models import FamilyLink
from tests.world import TODAY, make_family, make_user

pytestmark = pytest.mark.django_db
BUS = "The bus was late again, can we talk?"


@pytest.fixture
def there(world):
    return reverse("home:messages", args=[world.mina.pk])


@pytest.fixture
def thread(world):
    return reverse("home:thread", args=[world.mina.pk, world.mina_mum.member_id])


def page(client, path) -> str:
    return client.get(path).content.decode()


def test_a_message_and_its_answer_are_contacts_and_stand_on_both_sides(world, as_user, there, thread):
    parent, keyworker = as_user(world.u_parent), as_user(world.u_keyworker)
    assert "answers by the end of Tuesday 24 November" in page(parent, there)
    assert parent.post(there, {"words": " "}).status_code == 422
    assert parent.post(there, {"words": BUS}).status_code == 302
    [contact] = HomeContact.objects.all()
    assert (contact.channel, contact.direction, contact.reached) == ("message", "in", "message")
    assert (contact.outcome, contact.made_by, contact.notes) == ("delivered", world.u_keyworker, BUS)
    assert contact.member == world.mina_mum.member and contact.person_marked
    assert "One message from the home of Min" in page(keyworker, "/today/")
    assert "1 not read" in page(keyworker, reverse("home:threads", args=[world.mina.pk]))
    assert BUS in page(keyworker, thread)
    assert "from the home of" not in page(keyworker, "/today/")
    assert keyworker.post(thread, {"words": "Yes. I ask about it."}).status_code == 302
    answer = HomeContact.objects.latest("pk")
    assert (answer.direction, answer.reached, answer.outcome) == ("out", "replied", "two_way")
    assert "(1 new)" in page(parent, "/home/")
    html = page(parent, there)
    assert html.index(BUS) < html.index("Yes. I ask about it.") and "(1 new)" not in page(parent, "/home/")
    assert "You sent Keyworker a message" in page(parent, "/home/")
    record = page(keyworker, world.mina.get_absolute_url())
    assert f"Message from {contact.with_name}" in record and f"Message to {contact.with_name}" in record
    assert [job.kind for job in Job.objects.filter(kind__startswith="home.")] == [
        "home.school_told",
        "home.told",
    ]
    # What is put right in the log later changes nothing of what was sent.
    HomeContact.objects.filter(pk=contact.pk).update(notes="About the bus.")
    assert BUS in page(parent, there)


def test_nobody_else_reads_them(world, as_user, there, thread):
    apart = make_user("apart", "family")
    make_family(world.mina, "Piotr", "Harcastle", user=apart, household="apart")
    as_user(world.u_parent).post(there, {"words": BUS})
    other = as_user(apart)
    assert BUS not in page(other, there) + page(other, "/home/") and "You sent" not in page(other, "/home/")
    for user, status in (
        (world.u_parent_restricted, 404), (world.u_parent_other, 404), (world.u_student, 403),
        (world.u_keyworker, 403),
    ):  # fmt: skip
        assert as_user(user).get(there).status_code == status, user
    for user, status in (
        (world.u_keyworker_other, 404), (world.u_mentor, 404), (world.u_teacher, 404), (world.u_parent, 403),
        (world.u_head, 200), (world.u_deputy, 200),
    ):  # fmt: skip
        assert as_user(user).get(thread).status_code == status, user
    restricted = world.mina.family_links.get(member__user=world.u_parent_restricted)
    barred = reverse("home:thread", args=[world.mina.pk, restricted.member_id])
    assert as_user(world.u_keyworker).get(barred).status_code == 404
    assert as_user(world.u_keyworker).post(barred, {"words": "x"}).status_code == 404


def test_the_deputy_answers_while_the_keyworker_is_away_and_the_head_where_there_is_nobody(
    world, as_user, there, thread
):
    StaffAbsence.objects.create(user=world.u_keyworker, starts_on=TODAY, ends_on=TODAY)
    as_user(world.u_parent).post(there, {"words": BUS})
    assert HomeContact.objects.get().made_by == world.u_deputy
    assert "One message from the home of Min" in page(as_user(world.u_deputy), "/today/")
    Assignment.objects.filter(student=world.mina, kind__in=["keyworker", "deputy"]).delete()
    as_user(world.u_parent).post(there, {"words": "And now?"})
    assert HomeContact.objects.latest("pk").made_by == world.u_head
    assert "from the home of Min" in page(as_user(world.u_head), "/families/")
    assert as_user(world.u_head).post(thread, {"words": "We find somebody."}).status_code == 302


def test_a_hold_stops_the_answer_and_what_was_typed_stays(world, as_user, there, thread):
    as_user(world.u_parent).post(there, {"words": BUS})
    ContactHold.objects.create(
        student=world.mina,
        starts_on=TODAY,
        ends_on=TODAY,
        reason="x",
        placed_by=world.u_dsl,
        placed_at=clock.now(),
    )
    answer = as_user(world.u_keyworker).post(thread, {"words": "Yes, gladly"})
    assert answer.status_code == 422 and "on hold" in answer.content.decode()
    assert "Yes, gladly" in answer.content.decode() and HomeMessage.objects.count() == 1


def test_a_worry_of_home_reaches_who_leads_safeguarding_and_says_that_it_was_read(world, as_user, mails):
    there = reverse("safety:say_home", args=[world.mina.pk])
    parent = as_user(world.u_parent)
    for path in (
        "/home/",
        reverse("home:messages", args=[world.mina.pk]),
        reverse("home:child", args=[world.mina.pk]),
    ):
        assert there in page(parent, path), path
    assert parent.get(reverse("safety:choose_child")).url == there
    link = FamilyLink.objects.create(student=world.otto, member=world.mina_mum.member, relationship="aunt")
    assert re.search(rf'<a class="btn [^"]*" href="{there}">', page(parent, reverse("safety:choose_child")))
    link.delete()
    assert "Dsl will see it" in page(parent, there)
    assert parent.post(there, {"words": ""}).status_code == 422
    with mails() as box:
        assert parent.post(there, {"words": "She came home with a bruise."}).status_code == 302
    assert "a student" not in box[0].body  # nobody looks for what a student said
    worry = Worry.objects.get()
    assert (worry.source, worry.written_by) == ("home", world.u_parent)
    assert [row.user for row in worry.readers.all()] == [world.u_dsl]
    assert "Nobody has read it yet" in page(parent, there)
    words = page(as_user(world.u_dsl), reverse("safety:worry", args=[worry.pk]))
    assert "bruise" in words and "Home is worried about" in words
    assert "What home is worried about" in words
    assert "Dsl has read it." in page(parent, there)
    apart = make_user("apart", "family")
    make_family(world.mina, "Piotr", "Harcastle", user=apart)
    assert "bruise" not in page(as_user(apart), there)
    assert "bruise" not in page(as_user(world.u_student), reverse("safety:sent"))
    assert as_user(world.u_keyworker).get(reverse("safety:worry", args=[worry.pk])).status_code == 404
    assert Job.objects.filter(
        kind="safety.worry_waits", due_at__gt=clock.now() + timedelta(minutes=20)
    ).exists()


@pytest.mark.parametrize(
    "without",
    [{"is_active": False, "deactivated_at": "2026-11-20T09:00:00Z"}, {"roles": ["staff"]}],
    ids=["closed", "not of families"],
)
def test_who_cannot_open_the_pages_of_families_is_written_to_nowhere(world, as_user, thread, without):
    keyworker = as_user(world.u_keyworker)
    assert 'name="words"' in page(keyworker, thread)
    type(world.u_parent).objects.filter(pk=world.u_parent.pk).update(**without)
    html = page(keyworker, thread)
    assert "has no account yet. Ring or write an e-mail." in html and 'name="words"' not in html
    answer = keyworker.post(thread, {"words": "Yes. I ask about it."})
    assert answer.status_code == 422
    assert "They have no account here yet" in (html := answer.content.decode()) and "I ask about it." in html
    assert not HomeMessage.objects.exists() and not Job.objects.filter(kind__startswith="home.").exists()
    previews = page(keyworker, reverse("portal:previews", args=[world.mina.pk]))
    seen = reverse("portal:as_parent", args=[world.mina.pk, world.mina_mum.member_id])
    assert seen not in previews and keyworker.get(seen).status_code == 404
