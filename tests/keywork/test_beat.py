"""Beat keeps its times in the database: nothing that was due is lost, and no time of the future is believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from celery.schedules import crontab

from keywork import clock
from keywork.beat import Scheduler
from keywork.celery import app
from keywork.models import Heartbeat


class Queue:
    """Takes what is sent, or is away."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_away = False


@pytest.fixture
def queue(db, monkeypatch):
    """Where beat sends: one job, each night at 00:15."""
    queue = Queue()

    def send(self, entry, producer=None, advance=True, **kwargs):
        if queue.is_away:
            raise ConnectionError
        queue.sent.append(entry.name)

    night = {"task": "none", "schedule": crontab(hour=0, minute=15, nowfun=clock.now)}
    monkeypatch.setattr(Scheduler, "apply_async", send)
    monkeypatch.setattr(Scheduler, "producer", None)
    monkeypatch.setitem(app.conf, "beat_schedule", {"nightly": night})
    return queue


def at(day: int, hour: int, minute: int = 0):
    """A moment of November 2026; later days are of the months after."""
    return clock.frozen(datetime(2026, 11, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1))


def beats(beat: Scheduler) -> None:
    for _ in range(4):
        beat.tick()


def test_a_night_without_beat_is_made_up_for_when_it_starts_again(queue):
    with at(23, 12):
        beats(Scheduler(app))
    assert queue.sent == []  # an installation begins with its first night
    with at(24, 0, 20):
        beats(Scheduler(app))
    assert queue.sent == []
    with at(24, 12):
        beat = Scheduler(app)
        beats(beat)
    with at(25, 0, 15):
        beats(beat)
    assert queue.sent == ["nightly"]
    with at(27, 7):
        beats(Scheduler(app))
        assert queue.sent == ["nightly"] * 2
        beats(Scheduler(app))
        assert queue.sent == ["nightly"] * 2
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"beat", "sent nightly"}


def test_what_the_queue_did_not_take_is_sent_when_it_is_back(queue, caplog):
    with at(23, 12):
        beat = Scheduler(app)
        beats(beat)
    queue.is_away = True
    with at(24, 0, 15):
        beats(beat)
    assert [record.getMessage() for record in caplog.records] == [
        "Beat could not reach the queue. What is due is sent as soon as it is back."
    ]
    queue.is_away = False
    with at(24, 0, 40):
        beats(beat)
    assert queue.sent == ["nightly"]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_after_a_clock_a_year_ahead_the_next_night_comes(queue, is_restarted):
    with at(23, 12):
        beat = Scheduler(app)
        beats(beat)
    with at(24, 0, 15):
        beats(beat)
    with at(24 + 365, 12):
        beats(beat)
    assert queue.sent == ["nightly"] * 2
    with at(24, 12, 30):
        beat = Scheduler(app) if is_restarted else beat
        beats(beat)
    with at(25, 0, 15):
        beats(beat)
    assert queue.sent == ["nightly"] * 3


def test_a_time_that_no_timetable_reaches_is_not_believed(queue):
    Heartbeat.objects.create(name="sent nightly", at=datetime(1, 1, 1, tzinfo=UTC))
    with at(23, 12):
        beats(Scheduler(app))
    assert queue.sent == ["nightly"]
