"""A worker's sign of life: of its main process, so that a long batch holds none back, and a dead one gives none."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.db import connection

from keywork import at_work, clock, health
from keywork.at_work import SECONDS, Sign
from keywork.celery import app, say_that_it_is_there
from keywork.models import Heartbeat


@pytest.fixture
def noted(monkeypatch):
    given: list[list[str]] = []
    monkeypatch.setattr(at_work, "_note", given.append)
    return given


def test_it_is_noted_every_few_seconds_by_the_queues_it_takes_from(noted, monkeypatch):
    sign, now = Sign(), [100.0]
    monkeypatch.setattr(at_work.time, "monotonic", lambda: now[0])
    for seconds, queues in (
        (0, ["celery"]),
        (2, ["celery"]),
        (SECONDS, ["printing"]),
        (SECONDS, ["celery", "printing"]),
    ):
        now[0] += seconds
        sign.give(queues)
        sign.noting.join()
    assert noted == [["worker"], ["printer"], ["worker", "printer"]]


def test_a_database_that_hangs_holds_nothing_up(monkeypatch):
    sign, hung, asked = Sign(), threading.Event(), []
    monkeypatch.setattr(at_work, "_note", lambda names: (asked.append(names), hung.wait(10)))
    for _ in range(3):
        sign.noted_at = -1000.0
        sign.give(["celery"])
    hung.set()
    sign.noting.join()
    assert len(asked) == 1


@pytest.mark.django_db
def test_it_is_a_row_that_health_believes_for_a_minute(monkeypatch):
    monkeypatch.setattr(at_work.psycopg, "connect", lambda **_: nullcontext(connection.cursor()))
    for _ in range(2):
        at_work._note(["worker", "printer"])
    noted = dict(Heartbeat.objects.values_list("name", "at"))
    assert set(noted) == {"worker", "printer"}
    assert all(abs(at - clock.now()) < timedelta(seconds=20) for at in noted.values())
    monkeypatch.setattr(health, "ROWS", 20)
    for seconds, dead in ((60, False), (80, True)):
        Heartbeat.objects.update(at=clock.now() - timedelta(seconds=seconds))
        assert ("worker" in health._rows()) is ("printer" in health._rows()) is dead


def test_celery_asks_for_it(noted):
    assert {"celery", "printing"} <= set(app.amqp.queues.consume_from)
    say_that_it_is_there()
    assert noted in ([], [["worker", "printer"]])  # some seconds after the last it notes nothing
