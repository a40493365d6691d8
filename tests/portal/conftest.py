"""What the pages of the portal have to show: contacts logged on chosen days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from contacts.models import HomeContact, KeyworkSession
from keywork import clock
from keywork.models import JobRun
from tests import world as cast
from tests.tsp.factories import make_point


def log_contact(student, by, days_ago: int, **fields) -> HomeContact:
    """A conversation with home so many days before the day of the tests."""
    day = cast.TODAY - timedelta(days=days_ago)
    return HomeContact.objects.create(
        student=student,
        happened_on=day,
        made_by=by,
        logged_by=by,
        logged_at=datetime.combine(day, time(15), tzinfo=clock.LONDON),
        logged_on=day,
        **{
            "channel": "phone",
            "reached": "spoke",
            "outcome": "two_way",
            "person_marked": True,
            "with_name": "Folake Harcastle (mum)",
            **fields,
        },
    )


def hold_sessions(student, by) -> None:
    """Both half-terms of this autumn and the baseline met, so that only home contact can press."""
    make_point(student, by, done_on=date(2026, 9, 18))
    for days_ago in (45, 5):
        day = cast.TODAY - timedelta(days=days_ago)
        KeyworkSession.objects.create(
            student=student,
            happened_on=day,
            made_by=by,
            logged_by=by,
            logged_at=datetime.combine(day, time(15), tzinfo=clock.LONDON),
            logged_on=day,
            status="held",
            topics=["attendance", "engagement", "social_progress"],
        )


@pytest.fixture
def met(world):
    return hold_sessions


@pytest.fixture
def spoke(world):
    return log_contact


@pytest.fixture
def ran(world):
    """The nightly job finished an hour ago."""
    return JobRun.objects.create(
        name="record_misses",
        as_of=cast.TODAY,
        started_at=clock.now() - timedelta(hours=1),
        finished_at=clock.now() - timedelta(hours=1),
    )
