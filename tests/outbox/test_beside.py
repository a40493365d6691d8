"""A command beside a worker that is at the same: it waits, says what came of it, and nobody is told twice."""

from __future__ import annotations

import threading
from contextvars import copy_context

import pytest
from django.core.management import call_command
from django.db import connection

from contacts import tasks as contacts_tasks
from contacts.models import Digest
from keywork import clock
from keywork.actions.school import set_up_school
from outbox import actions as outbox
from outbox import kinds, running
from outbox.models import Job, Mail
from tests.world import TODAY, assign, make_student, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(monkeypatch):
    """Takes what is queued at once, as a worker does that is quicker than the command: `at_it` is set when it has
    begun, and it goes on when `go` is set, or when the command waits."""

    class Worker:
        at_it, go = threading.Event(), threading.Event()
        threads: list[threading.Thread] = []

        def take(self, args, **_):
            message = f"message-{len(self.threads)}"  # each is another: the same would be one that came again
            self.threads.append(threading.Thread(target=copy_context().run, args=(self._do, *args, message)))
            self.threads[-1].start()
            assert self.at_it.wait(20)

        def _do(self, pk, message):
            try:
                running.run(pk, message)
            finally:
                connection.close()

        def hold(self):
            """Called in the middle of the work: the command is no part of it."""
            if threading.current_thread() in self.threads:
                self.at_it.set()
                assert self.go.wait(20)

    made = Worker()
    monkeypatch.setattr(running.run_queued, "apply_async", made.take)
    monkeypatch.setattr(outbox.time, "sleep", lambda _: made.go.set())
    yield made
    made.go.set()
    for thread in made.threads:
        thread.join(20)


def test_a_worker_that_was_first_is_waited_for(worker, monkeypatch, capsys, mailoutbox):
    kind = kinds.KINDS["contacts.digests"]

    def held(day):
        worker.hold()
        yield from contacts_tasks.write_digests(day)

    monkeypatch.setitem(kinds.KINDS, kind.name, kinds.JobKind(kind.name, kind.words, held, is_mail=True))
    with clock.frozen(TODAY):
        set_up_school(name="Aldermere School", went_live_on=TODAY.replace(month=9))
        head = make_user("head", "staff head")
        assign(
            make_student("Cai", "Silent", joined_on=TODAY.replace(month=9)), make_user("keyworker", "staff")
        )
        call_command("record_misses")
    assert "2 e-mails sent." in capsys.readouterr().out
    assert len(mailoutbox) == Digest.objects.count() == 2 and head.email in {
        mail.to[0] for mail in mailoutbox
    }


def test_asked_for_again_while_a_worker_sends_nobody_is_told_twice(worker, monkeypatch, server):
    people = [make_user(f"person_{number}", "family") for number in range(5)]

    def waiting():
        found = [one for one in people if not server.to(one.email)]
        worker.hold()
        for one in found:
            yield kinds.Letter(one, "A letter", "Of the day")

    monkeypatch.setitem(kinds.KINDS, "test.day", kinds.JobKind("test.day", "Letters", waiting, is_mail=True))
    first = outbox.do("test.day", key="2026-11-23")
    again = outbox.do_here("test.day", key="2026-11-23")
    assert [len(server.to(one.email)) for one in people] == [1] * 5
    first.refresh_from_db()
    assert first.pk != again.pk and {first.state, again.state} == {Job.State.DONE}
    assert first.mails.filter(state=Mail.State.SENT).count() == 5 and not again.mails.exists()


def test_what_was_asked_for_again_is_queued_when_the_first_has_ended(worker, monkeypatch):
    done = []
    monkeypatch.setitem(
        kinds.KINDS,
        "test.sum",
        kinds.JobKind("test.sum", "Sums", lambda n: (worker.hold(), done.append(n)), False),
    )
    outbox.do("test.sum", key="a", n=1)
    second = outbox.do("test.sum", key="a", n=2)
    worker.go.set()
    for thread in worker.threads:  # it grows: the first puts the second in the queue
        thread.join(20)
    second.refresh_from_db()
    assert done == [1, 2] and second.state == Job.State.DONE
    assert outbox.latest("test.sum", "a") == second
