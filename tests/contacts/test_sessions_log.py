"""Writing sessions down (H2, H5, H6, H9)."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from contacts.models import KeyworkSession
from keywork import clock
from keywork.actions.school import set_policy
from tests import world as cast

IN_HOLIDAY = date(2026, 10, 29)  # after Autumn 1, which ends on 23 October 2026


@pytest.fixture
def url(world):
    return reverse("contacts:log_session", args=[world.mina.pk])


def test_a_session_is_saved_with_what_was_told(keyworker, url, met, world):
    assert keyworker.post(url, met()).status_code == 302
    session = KeyworkSession.objects.get()
    assert (session.status, session.topics, session.minutes) == (
        "held",
        ["attendance", "social_progress"],
        20,
    )
    assert (session.agreed, session.made_by_id, session.catch_up_for) == (
        "Meet at the gate.",
        world.u_keyworker.pk,
        "",
    )


def test_a_held_session_needs_a_topic_and_a_declined_one_does_not(keyworker, url, met):
    refused = keyworker.post(url, met(topics=None))
    assert refused.status_code == 422
    assert "Choose what you talked about" in refused.content.decode()
    assert "Talked about mornings." in refused.content.decode()
    keyworker.post(url, met(status="declined", topics=None))
    session = KeyworkSession.objects.get()
    assert (session.status, session.minutes) == ("declined", None)


@pytest.mark.parametrize("status", ["", "planned"])
def test_the_status_must_be_one_of_four(keyworker, url, met, status):
    assert keyworker.post(url, met(status=status)).status_code == 422


def test_a_late_session_waits_for_approval(keyworker, url, met):
    keyworker.post(url, met(happened_on="2026-11-02"))
    assert KeyworkSession.objects.get().needs_approval is True


def test_in_the_holiday_a_session_can_make_up_for_the_half_term(keyworker, url, met):
    with clock.frozen(IN_HOLIDAY):
        assert "This makes up for" in keyworker.get(url).content.decode()
        keyworker.post(url, met(happened_on=IN_HOLIDAY.isoformat(), catch_up="on"))
    assert KeyworkSession.objects.get().catch_up_for == "2026-27-autumn-1"


def test_catching_up_is_not_offered_in_term_and_refused_for_a_day_of_term(keyworker, url, met):
    with clock.frozen(date(2026, 12, 10)):
        assert "This makes up for" not in keyworker.get(url).content.decode()
    with clock.frozen(date(2026, 11, 4)):  # term again, the holiday still within reach
        assert "This makes up for" in keyworker.get(url).content.decode()
        refused = keyworker.post(url, met(happened_on="2026-11-04", catch_up="on"))
        assert "only in the holiday" in refused.content.decode()
        assert keyworker.post(url, met(happened_on="2026-10-30", catch_up="on")).status_code == 302
    assert KeyworkSession.objects.get().catch_up_for == "2026-27-autumn-1"


def test_the_lengths_of_the_policy_are_offered(keyworker, url, met):
    set_policy(effective_on=date(2026, 9, 1), preset="ies-breckland", by=None)
    assert "60 minutes" in keyworker.get(url).content.decode()
    keyworker.post(url, met(minutes="", usual_minutes="60"))
    assert KeyworkSession.objects.get().minutes == 60


@pytest.mark.parametrize(
    ("actor", "status"),
    [("keyworker", 302), ("member", 302), ("former", 404), ("teacher", 404), ("parent", 403)],
)
def test_who_may_log_a_session(world, as_user, url, met, actor, status):
    assert as_user(world.users[actor]).post(url, met()).status_code == status
    assert KeyworkSession.objects.exists() is (status == 302)


def test_a_session_may_be_amended_and_crossed_out(keyworker, url, met):
    keyworker.post(url, met())
    session = KeyworkSession.objects.get()
    assert (
        keyworker.post(
            reverse("contacts:amend_session", args=[session.pk]), met(version="1", minutes="45")
        ).status_code
        == 302
    )
    session.refresh_from_db()
    assert (session.minutes, session.version) == (45, 2)
    keyworker.post(reverse("contacts:void_session", args=[session.pk]), {"reason": "Wrong student"})
    session.refresh_from_db()
    assert session.voided_on == cast.TODAY
