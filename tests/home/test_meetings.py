"""A family asks for a meeting and a student for a chat: chosen, offered, moved, called off, reminded, written down."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from contacts.models import ContactHold, HomeContact
from home.meetings import actions, ics
from home.models import Appointment, OfferedTime
from home.tasks import remind_of_meetings
from keywork import clock
from keywork.access import forget_relations
from keywork.dates import LONDON
from keywork.errors import Refused
from outbox.models import Job
from tests.world import TODAY, make_family, make_user

pytestmark = pytest.mark.django_db
TUESDAY = TODAY + timedelta(days=1)
OFFER = {
    "on": TUESDAY.isoformat(), "at": "15:15", "minutes": "30", "how": "school", "where": "Room 4", "count": "2",
}  # fmt: skip


@pytest.fixture
def offered(world, as_user):
    """Two times of Mina's keyworker, one after the other."""
    answer = as_user(world.u_keyworker).post("/families/", OFFER)
    assert answer.status_code == 302
    return list(OfferedTime.objects.all())


def page(client, name, *args) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def told() -> list[tuple[str, str]]:
    return [
        (job.kind, job.arguments["what"])
        for job in Job.objects.filter(kind__startswith="home.").order_by("pk")
    ]


def test_an_offered_time_is_taken_by_one_family_and_both_sides_have_it(world, as_user, offered):
    parent, keyworker = as_user(world.u_parent), as_user(world.u_keyworker)
    there = reverse("home:meet", args=[world.mina.pk])
    html = page(parent, "home:meet", world.mina.pk)
    assert "Tuesday 24 November at 3.15 pm, 30 minutes, at school, Room 4" in html
    assert "3.45 pm" in html and "answers by the end of Tuesday 24 November" in html
    refused = parent.post(there, {"words": "Mornings"})
    assert refused.status_code == 422 and "Mornings" in refused.content.decode()
    assert "(optional)" not in html  # one of the two is needed
    assert parent.post(there, {"time": offered[0].pk, "words": "Mornings"}).status_code == 302
    [row] = Appointment.objects.all()
    assert (row.state, row.user, row.time) == ("settled", world.u_keyworker, offered[0])
    assert "You meet Keyworker on Tuesday 24 November at 3.15 pm." in page(parent, "portal:family")
    assert "Min: you meet on Tuesday 24 November at 3.15 pm" in page(keyworker, "portal:today")
    # Nobody else at home knows of it, and nobody else can have the time.
    piotr = make_user("second_parent", "family")
    make_family(world.mina, "Piotr", "Harcastle", user=piotr, household="apart")
    other = as_user(piotr)
    html = page(other, "home:meet", world.mina.pk)
    assert "3.15 pm" not in html and "3.45 pm" in html
    assert other.get(reverse("home:my_meeting", args=[world.mina.pk, row.pk])).status_code == 404
    assert other.get(reverse("home:meeting_ics", args=[row.pk])).status_code == 404
    with pytest.raises(Refused, match="taken this time"):
        actions.ask(by=piotr, student=world.mina, member=piotr.family_member, offered=offered[0])
    # Both have it in their calendars, which say neither whose nor what about.
    for user in (world.u_parent, world.u_keyworker):
        address = ics.address(user).removeprefix("http://localhost:8000")
        for path in (reverse("home:meeting_ics", args=[row.pk]), address[address.index("/families/") :]):
            text = as_user(user).get(path).content.decode()
            assert "DTSTART:20261124T151500Z" in text and "Keywork meeting" in text, path
            assert "Harcastle" not in text and "Mornings" not in text
    assert told() == [("home.school_told", "meeting_chosen")]
    # Called off at home: the time is free again, and school is told.
    back = parent.post(
        reverse("home:my_meeting", args=[world.mina.pk, row.pk]), {"do": "off", "version": row.version}
    )
    assert back.status_code == 302 and "3.15 pm" in page(other, "home:meet", world.mina.pk)
    assert told()[-1] == ("home.school_told", "meeting_off")


def test_asked_without_a_time_offered_agreed_moved_reminded_and_written_down(world, as_user):
    parent, keyworker = as_user(world.u_parent), as_user(world.u_keyworker)
    parent.post(reverse("home:meet", args=[world.mina.pk]), {"words": "After four on a Tuesday"})
    [row] = Appointment.objects.all()
    assert row.state == "asked" and "Min: you are asked for a meeting." in page(keyworker, "portal:today")
    assert "After four on a Tuesday" in page(keyworker, "home:meeting", row.pk)
    there = reverse("home:meeting", args=[row.pk])
    when = {"on": TUESDAY.isoformat(), "at": "16:10", "minutes": "30", "how": "phone", "version": row.version}
    past = keyworker.post(there, {**when, "do": "time", "on": TODAY.isoformat(), "at": "01:00"})
    assert past.status_code == 422 and "still to come" in past.content.decode()
    assert keyworker.post(there, {**when, "do": "time", "words": "I ring you."}).status_code == 302
    # Two windows: the second says that it was changed meanwhile.
    assert keyworker.post(there, {**when, "do": "time"}).status_code == 409
    row.refresh_from_db()
    html = page(parent, "portal:family")
    assert row.state == "offered" and "Is that right for you?" in html and "A time to meet" in html
    mine = reverse("home:my_meeting", args=[world.mina.pk, row.pk])
    assert parent.post(mine, {"do": "yes", "version": "9" * 5000}).status_code == 302  # no number of ours
    parent.post(mine, {"do": "yes", "version": row.version})
    row.refresh_from_db()
    assert row.state == "settled"
    with clock.frozen(datetime.combine(TODAY, time(7, 5), LONDON)):
        remind_of_meetings(TODAY.isoformat())
        remind_of_meetings(TODAY.isoformat())
    assert told() == [
        ("home.school_told", "meeting_asked"),
        ("home.told", "meeting_offered"),
        ("home.school_told", "meeting_settled"),
        ("home.told", "meeting_tomorrow"),
        ("home.school_told", "meeting_tomorrow"),
    ]
    with clock.frozen(datetime.combine(TUESDAY, time(17, 0), LONDON)):
        assert "did you meet on Tuesday 24 November" in page(keyworker, "portal:today")
        log = reverse("home:log_meeting", args=[row.pk])
        form = keyworker.get(log).context["form"]
        begun = {
            name: form[name].value()
            for name in form.fields
            if form[name].value() not in (None, [], "", False)
        }
        assert (
            begun["channel"] == "phone"
            and begun["reached"] == "spoke"
            and str(begun["happened_on"]) == TUESDAY.isoformat()
        )
        assert keyworker.post(log, {**begun, "happened_time": "16:10"}).status_code == 302
        row.refresh_from_db()
        assert row.state == "had" and row.contact.member == world.mina_mum.member
        assert HomeContact.objects.count() == 1 and keyworker.get(log).status_code == 302
        assert "did you meet" not in page(keyworker, "portal:today")


def test_a_student_asks_for_a_chat_and_may_say_that_it_is_not_needed(world, as_user, offered):
    """With one press, whatever times are offered: nothing has to be chosen or written."""
    student, keyworker = as_user(world.u_student), as_user(world.u_keyworker)
    assert reverse("home:chat") in page(student, "portal:my_page")
    assert "Tuesday 24 November at 3.15 pm" in page(student, "home:chat")
    assert student.post(reverse("home:chat"), {"words": ""}).status_code == 302
    [row] = Appointment.objects.all()
    assert row.is_chat and "Keyworker has it. The answer comes here." in page(student, "home:chat")
    keyworker.post(
        reverse("home:meeting", args=[row.pk]),
        {
            "do": "time",
            "version": 1,
            "on": TUESDAY.isoformat(),
            "at": "10:00",
            "minutes": "15",
            "how": "school",
        },
    )
    assert "You meet Keyworker on Tuesday 24 November at 10 am." in page(student, "portal:my_page")
    assert student.get(reverse("home:meeting_ics", args=[row.pk])).status_code == 200
    # Home learns nothing of it.
    parent = as_user(world.u_parent)
    assert "10 am" not in page(parent, "portal:family") + page(parent, "home:meet", world.mina.pk)
    row.refresh_from_db()
    student.post(reverse("home:my_chat", args=[row.pk]), {"do": "off", "version": row.version})
    row.refresh_from_db()
    assert row.state == "off"
    assert as_user(world.u_student_other).get(reverse("home:my_chat", args=[row.pk])).status_code == 404


def test_a_restriction_a_hold_and_no_keyworker(world, as_user):
    parent, keyworker = as_user(world.u_parent), as_user(world.u_keyworker)
    parent.post(reverse("home:meet", args=[world.mina.pk]), {"words": "Soon"})
    [row] = Appointment.objects.all()
    hold = ContactHold.objects.create(
        student=world.mina,
        starts_on=TODAY,
        ends_on=TODAY,
        reason="x",
        placed_by=world.u_dsl,
        placed_at=clock.now(),
    )
    answer = {"do": "answer", "version": 1, "words": "Yes"}
    there = reverse("home:meeting", args=[row.pk])
    assert "on hold" in keyworker.post(there, answer).content.decode()
    hold.delete()
    link = world.mina_mum
    link.restricted_from = TODAY
    link.save()
    html = keyworker.post(there, answer).content.decode()
    assert "may not be contacted now" in html
    assert parent.get(reverse("home:meet", args=[world.mina.pk])).status_code == 404
    assert ics.of(world.u_parent).count() == 0
    link.restricted_from = None
    link.save()
    world.mina.assignments.filter(kind__in=["keyworker", "deputy"]).delete()
    world.u_head.phone = "01632 960500"
    world.u_head.save()
    html = page(as_user(world.u_parent), "portal:family")
    assert "Head" in html and "01632 960500" in html


@pytest.mark.django_db(transaction=True)
def test_two_parents_choose_the_same_time_at_once(world, as_user):
    as_user(world.u_keyworker).post("/families/", {**OFFER, "count": "1"})
    [one] = OfferedTime.objects.all()
    second = make_user("race_parent", "family")
    make_family(world.mina, "Piotr", "Harcastle", user=second)
    got, barrier = [], threading.Barrier(2)

    def choose(user):
        barrier.wait()
        try:
            with clock.frozen(datetime.combine(TODAY, time(12), LONDON)):
                got.append(actions.ask(by=user, student=world.mina, member=user.family_member, offered=one))
        except Refused as no:
            got.append(str(no))
        finally:
            connection.close()

    for user in (world.u_parent, second):
        forget_relations(user)
    threads = [threading.Thread(target=choose, args=[user]) for user in (world.u_parent, second)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(isinstance(one, Appointment) for one in got) == [False, True]
    assert actions.TAKEN in got
    assert not mail.outbox or all("Harcastle" not in one.body for one in mail.outbox)
