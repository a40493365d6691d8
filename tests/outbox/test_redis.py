"""The queue; and Redis away, silent or full: people sign in and work, guessing is limited, all is done after."""

from __future__ import annotations

import json
import os
import signal
from base64 import b64decode
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.test import override_settings
from kombu import Connection

from keywork import local
from keywork.celery import app
from keywork.local import redis_server
from outbox.models import Job
from outbox.outage import outage
from outbox.tasks import sweep
from reports import actions, rendering
from reports.models import Batch
from tests.reports.test_views import files, make, one_household, order, release_all  # noqa: F401  # fixtures
from tests.signin.conftest import is_in, sign_in
from tests.signin.test_accounts import STAFF_FORM
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(world, as_user):
    client = as_user(world.u_admin)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@contextmanager
def pointed_at(url: str):
    """Cache and queue of this process use another Redis."""

    def queue_at(url: str) -> None:
        app.conf.broker_url, app._pool, app.amqp._producer_pool = url, None, None

    before = app.conf.broker_url
    cache = settings.CACHES["default"] | {"LOCATION": url, "OPTIONS": {}}
    queue_at(local.broker_url(url))
    try:
        with override_settings(CACHES={"default": cache}):
            yield
    finally:
        queue_at(before)
        outage.end()


@pytest.fixture(scope="module")
def own_redis(tmp_path_factory):
    home: Path = tmp_path_factory.mktemp("kw-redis")
    yield f"unix://{redis_server.ensure(home)}?db=0", int((home / "redis.pid").read_text())
    redis_server.stop(home)


@pytest.fixture(params=["gone", "silent", "full"])
def away(request, own_redis):
    """Redis is of no use while this is open; after that it is as it always is in a test."""
    url, pid = own_redis

    @contextmanager
    def broken():
        if request.param == "gone":
            with pointed_at("unix:///nowhere/redis.sock?db=0"):
                yield
        elif request.param == "silent":
            os.kill(pid, signal.SIGSTOP)
            try:
                with pointed_at(url):
                    yield
            finally:
                os.kill(pid, signal.SIGCONT)
        else:
            with redis.from_url(url) as full:
                full.config_set("maxmemory", 1)
                try:
                    with pointed_at(url):
                        yield
                finally:
                    full.config_set("maxmemory", 0)

    return broken


def test_signing_in_works_and_guessing_is_limited(world, away):
    with away():
        assert is_in(sign_in(world.u_head.email)[0])
        for _ in range(5):
            sign_in(world.u_keyworker.email, "wrong-password-here")
        client, answer = sign_in(world.u_keyworker.email)
        assert b"Too many tries" in answer.content and not is_in(client)


def test_what_is_asked_for_is_done_when_it_is_back(
    request, world, away, as_user, admin, monkeypatch, mailoutbox, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(rendering, "pdf", lambda html: rendering.Pdf(b"%PDF-" + html.encode(), 1))
    head = as_user(world.u_head)
    made = make(world.mina, world.u_head)
    Job.objects.all().delete()
    with away(), django_capture_on_commit_callbacks(execute=True):
        assert head.get("/today/").status_code == 200
        assert order(head).status_code == 302
        assert admin.post("/school/accounts/invite/staff/", STAFF_FORM).status_code == 302
        assert release_all(head, f"/reports/{made.pk}/release/").status_code == 302
    assert {job.state for job in Job.objects.all()} == {Job.State.WAITING}

    request.getfixturevalue("eager")
    sweep()
    assert Batch.objects.exclude(pk=made.batch_id).get().reports.count() == 2
    told = {recipient.member.user.email for recipient in made.recipients.all()}
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted({*told, STAFF_FORM["email"].lower()})


def test_a_mail_never_waits_behind_printing(
    world, own_redis, as_user, admin, django_capture_on_commit_callbacks
):
    with pointed_at(own_redis[0]), django_capture_on_commit_callbacks(execute=True):
        order(as_user(world.u_head))
        admin.post("/school/accounts/invite/staff/", STAFF_FORM)
        sweep()
    with redis.from_url(own_redis[0]) as server:
        waiting = [
            [json.loads(b64decode(json.loads(one)["body"]))[0][0] for one in server.lrange(name, 0, -1)]
            for name in ("celery", "printing")
        ]
    kinds = dict(Job.objects.values_list("pk", "kind"))
    assert [{kinds[pk] for pk in queue} for queue in waiting] == [{"keywork.invitation"}, {"reports.make"}]


def test_one_report_is_made_before_those_of_a_whole_school_that_wait(
    world, own_redis, as_user, monkeypatch, django_capture_on_commit_callbacks
):
    """What a worker takes one after the other, without taking more than it is at."""
    monkeypatch.setattr(actions, "AT_A_TIME", 1)
    head = as_user(world.u_head)
    with redis.from_url(own_redis[0]) as server:
        server.flushall()
    with pointed_at(own_redis[0]), django_capture_on_commit_callbacks(execute=True):
        order(head)
        order(head, who=str(world.mina.pk))
    many, one = Batch.objects.order_by("pk")
    assert many.total == 2 and one.total == 1
    with Connection(local.broker_url(own_redis[0])) as connection:
        queue = connection.SimpleQueue("printing")
        taken = [queue.get(timeout=60).payload[0][0] for _ in range(3)]
    batches = dict(Job.objects.values_list("pk", "arguments__batch"))
    assert [batches[pk] for pk in taken] == [one.pk, many.pk, many.pk]
    assert app.conf.worker_prefetch_multiplier == 1
