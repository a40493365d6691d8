"""A new keyworker is made known to the staff around the student, to the house leader and to the family: once each."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from contacts.actions.digest import choose_digest
from keywork import clock
from keywork.actions.assignments import assign
from keywork.dates import LONDON
from keywork.errors import Refused
from outbox.models import Job
from outbox.tasks import sweep
from students.models import MadeKnown
from tests.portal.test_assignments import fill, look_and_do, words
from tests.world import TODAY

DAY = timedelta(days=1)
SATURDAY = datetime(2026, 11, 28, 10, tzinfo=LONDON)
MONDAY = datetime(2026, 11, 30, 7, 1, tzinfo=LONDON)


@pytest.fixture
def give(world, as_user):
    """The Head names another keyworker on the page, and looks at what happens first."""

    def given(to, starts_on=TODAY):
        url = reverse("portal:assign", args=[world.mina.pk])
        head = as_user(world.u_head)
        form = fill(to, starts_on=starts_on.isoformat(), reason="student_request")
        page = words(head.post(url, form))
        assert look_and_do(head, url, form).status_code == 302
        return page

    return given


def told_by(box, user):
    return [mail for mail in box if mail.to == [user.email]]


def test_team_house_leader_and_family_hear_once_each(world, give, mails, as_user):
    with mails() as box:
        page = give(world.u_member)
    assert "who work with Min" in page
    known = {user: told_by(box, user) for user in (world.u_deputy, world.u_mentor, world.u_teacher)}
    for user, [mail] in {**known, world.u_house_leader: told_by(box, world.u_house_leader)}.items():
        assert mail.subject == "A student you work with has another keyworker", user
        assert "Min’s keyworker is Member, since Monday 23 November." in mail.body
        assert "Harcastle" not in mail.body
    assert len(told_by(box, world.u_member)) == len(told_by(box, world.u_keyworker)) == 1  # their own news
    assert not told_by(box, world.u_staff_parent)[1:] and not told_by(box, world.u_future)
    rows = MadeKnown.objects.filter(student=world.mina)
    assert {(row.notified.name, row.notified_as) for row in rows if row.notified_as != "team"} >= {
        ("House Leader", "house"),
        ("Parent", "family"),
    }
    assert {row.notified for row in rows if row.notified_as == "team"} == set(known)
    shown = (
        as_user(world.u_teacher).get(reverse("students:keyworkers", args=[world.mina.pk])).content.decode()
    )
    assert "House Leader (house leader)" in shown and "at home" in shown and "Folake" not in shown
    with mails() as again:
        Job.objects.filter(kind="portal.known").update(state="waiting", queued_at=None)
        sweep()
    assert not again


def test_a_saturday_waits_for_monday(world, give, mails):
    with clock.frozen(SATURDAY), mails() as box:
        give(world.u_member, starts_on=SATURDAY.date())
    assert not told_by(box, world.u_teacher) and len(told_by(box, world.u_parent)) == 1
    with clock.frozen(MONDAY), mails() as box:
        sweep()
    assert len(told_by(box, world.u_teacher)) == 1


def test_who_would_rather_not_and_what_is_taken_back(world, give, mails):
    choose_digest(weekly=False, without=["known"], by=world.u_teacher)
    with mails() as box:
        give(world.u_member)
    assert not told_by(box, world.u_teacher) and told_by(box, world.u_mentor)
    world.mina.assignments.filter(user=world.u_member, kind="keyworker").delete()
    Job.objects.filter(kind="portal.known").update(state="waiting", queued_at=None)
    MadeKnown.objects.all().delete()
    with mails() as box:
        sweep()
    assert not box  # it is no longer so


def test_only_a_house_leader_is_named_as_one(world):
    with pytest.raises(Refused, match="has not the role of house leader"):
        assign(student=world.otto, user=world.u_member, kind="house", starts_on=TODAY, by=world.u_head)
    made = assign(
        student=world.otto, user=world.u_house_leader, kind="house", starts_on=TODAY, by=world.u_head
    )
    assert made.kind == "house"
