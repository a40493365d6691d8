"""Letters by a real mail server that refuses, breaks off or says nothing: who gets one, and how often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywork import clock
from outbox import actions as outbox
from outbox import running, tasks
from outbox.models import Job, Mail
from tests.world import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(world):
    return [make_user(f"person_{number}", "family") for number in range(10)]


def again(job: Job, after: timedelta) -> Job:
    """What the sweep finds after so long, done."""
    with clock.frozen(clock.now() + after):
        tasks.sweep()
        running.run_queued.apply((job.pk,))
    job.refresh_from_db()
    return job


def send(people) -> Job:
    return outbox.do_here("test.letters", users=[one.pk for one in people])


def test_one_refused_address_costs_nobody_else_a_letter(people, letters, server):
    refused, full, later, *_ = people
    server.refuses = {
        refused.email: "550 5.1.1 unknown",
        full.email: "552 5.2.2 full",
        later.email: "451 4.7.1 later",
    }
    job = send(people)
    assert [len(server.to(one.email)) for one in people] == [0, 0, 0] + [1] * 7
    assert job.state == Job.State.WAITING and job.due_at == clock.now() + timedelta(seconds=30)
    del server.refuses[later.email]
    job = again(job, timedelta(minutes=1))
    assert job.state == Job.State.FAILED
    again(job, timedelta(minutes=5))
    assert [len(server.to(one.email)) for one in people] == [0, 0] + [1] * 8
    said = dict(job.mails.filter(state="refused").values_list("object_id", "error"))
    assert said == {refused.pk: "There is no such mailbox", full.pk: "The mailbox is full"}


def test_what_a_refused_address_missed_is_sent_once_when_it_is_put_right(people, letters, server):
    server.refuses = {people[0].email: "550 no"}
    job = send(people)
    people[0].email = "right@school.example"
    people[0].save()
    for _ in range(2):
        again(job, timedelta(minutes=1))
    assert len(server.to("right@school.example")) == 1 and len(server.got) == 10
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_a_letter_is_repeated_only_where_it_is_not_known_whether_it_was_taken(people, letters, server):
    server.breaks, server.drops = {people[3].email}, {people[4].email}
    job = send(people)
    assert job.state == Job.State.WAITING and len(server.got) == 9
    server.breaks, server.drops = set(), set()
    job = again(job, timedelta(minutes=1))
    assert job.state == Job.State.DONE
    assert [len(server.to(one.email)) for one in people] == [1, 1, 1, 2, 1, 1, 1, 1, 1, 1]
    first, second = server.to(people[3].email)
    assert first["Message-ID"] == second["Message-ID"] != server.to(people[4].email)[0]["Message-ID"]
    assert list(job.mails.exclude(repeats=0).values_list("object_id", "repeats")) == [(people[3].pk, 1)]


def test_a_worker_that_was_killed_while_it_sent_leaves_the_others_told_once(people, letters, server):
    job = send(people)
    Mail.objects.filter(job=job, object_id__in=[one.pk for one in people[5:]]).update(state="waiting")
    Mail.objects.filter(job=job, object_id=people[5].pk).update(state="sending")
    Job.objects.update(state="running", claim="dead", leased_until=clock.now() + timedelta(minutes=3))
    server.got.clear()
    assert again(job, timedelta(minutes=2)).state != Job.State.DONE  # it may still be at it
    assert again(job, timedelta(minutes=4)).state == Job.State.DONE
    assert [len(server.to(one.email)) for one in people] == [0] * 5 + [1] * 5
    assert job.mails.get(object_id=people[5].pk).repeats == 1


def test_a_silent_server_is_asked_once_a_round_for_two_days_and_then_it_has_failed(
    people, letters, server, settings
):
    server.silent, settings.EMAIL_TIMEOUT = 0.5, 0.3
    job = send(people)
    assert job.state == Job.State.WAITING and job.error == "The mail server did not answer in time"
    assert Mail.objects.filter(job=job, tries=1).count() == 1
    rounds = 1
    while job.state == Job.State.WAITING and rounds < 100:
        with clock.frozen(job.due_at):
            Job.objects.filter(pk=job.pk).update(due_at=clock.now())
            if rounds > 1:
                server.silent, settings.EMAIL_TIMEOUT = 0, 30
            server.refuses = {one.email: "451 later" for one in people}
            running.run_queued.apply((job.pk,))
        job.refresh_from_db()
        rounds += 1
    assert job.state == Job.State.FAILED and 50 < rounds < 60 and not server.got
    server.refuses = {}
    outbox.try_again(jobs=[job.pk], by=None)
    assert again(job, timedelta(0)).state == Job.State.DONE and len(server.got) == 10


def test_nobody_is_written_to_who_is_closed_meanwhile(people, letters, server):
    server.refuses = {people[0].email: "451 later", people[1].email: "451 later"}
    job = send(people[:2])
    people[0].is_active, people[0].deactivated_at = False, clock.now()
    people[0].save()
    server.refuses = {}
    assert again(job, timedelta(minutes=1)).state == Job.State.DONE
    assert [who for who, _ in server.got] == [people[1].email]
