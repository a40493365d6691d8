"""Telling: who hears what, once a day, at least once, and never more of a student than initials."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.urls import reverse

from contacts.actions.misses import explain_miss, record_misses, withdraw_miss
from contacts.digests import NotAllNotified, notify_of_misses
from contacts.models import Digest, DigestChoice, Miss
from contacts.tasks import nightly
from keywork import clock
from keywork.dates import LONDON
from keywork.models import Assignment, StaffAbsence, User
from outbox.models import Job
from outbox.tasks import sweep
from students.models import Student
from tests.contacts.rows import contact, hold, session
from tests.world import assign, make_student, make_user

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


class FailsFor(locmem.EmailBackend):
    """A mail server that drops the line for some addresses."""

    addresses: set[str] = set()

    def send_messages(self, messages):
        if any(self.addresses.intersection(message.to) for message in messages):
            raise SMTPServerDisconnected("Connection unexpectedly closed")
        return super().send_messages(messages)


@pytest.fixture
def quiet(world):
    """Mina and Otto are in time with everything, so that only what a test adds is told."""
    for student, by in ((world.mina, world.u_keyworker), (world.otto, world.u_keyworker_other)):
        contact(student, TODAY - DAY, by).save()
        session(student, TODAY - DAY, by).save()
    record_misses()
    Miss.objects.update(keyworker_notified_at=clock.now(), head_notified_at=clock.now())
    return world


@pytest.fixture
def bea(quiet):
    """Overdue since last night: due on Sunday 22 November."""
    student = make_student("Beatrix", "Jessop-Quill", joined_on=TODAY - 15 * DAY)
    assign(student, quiet.u_keyworker, start=TODAY - 15 * DAY)
    record_misses()
    return student


def to(user) -> list:
    return [message for message in mail.outbox if message.to == [user.email]]


def test_keyworker_and_head_each_hear_once(bea, quiet):
    assert notify_of_misses() == {"sent": 2}
    (own,) = to(quiet.u_keyworker)
    assert own.subject == "A home contact is overdue in Keywork"
    assert "BJ  home contact, due Sunday 22 November, still owed" in own.body
    assert "http://127.0.0.1:8000/today/" in own.body and "whole school" not in own.body
    (head,) = to(quiet.u_head)
    assert "Newly missed in the whole school" in head.body and "/oversight/" in head.body
    miss = Miss.objects.get(student=bea)
    assert miss.keyworker_notified_at and miss.head_notified_at
    assert notify_of_misses() == {"sent": 0}
    with clock.frozen(TODAY + DAY):
        assert notify_of_misses() == {"sent": 0}
    assert len(mail.outbox) == 2


def test_no_name_of_a_student_leaves(bea, quiet):
    Miss.objects.update(keyworker_notified_at=None, head_notified_at=None)  # Mina and Otto too
    notify_of_misses()
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        text = message.subject + message.body
        for student in Student.objects.all():
            for name in (student.known_as, student.surname, student.legal_forename):
                assert name not in text
    assert "MH" in to(quiet.u_keyworker)[0].body


def test_former_inactive_and_uninvolved_get_nothing(bea, quiet):
    Assignment.objects.filter(student=bea).update(ends_on=TODAY - DAY)
    assign(bea, quiet.u_former, start=TODAY)
    Miss.objects.filter(student=bea).update(keyworker=quiet.u_keyworker)
    notify_of_misses()
    assert not to(quiet.u_keyworker)  # in post when it was missed, and no more
    assert len(to(quiet.u_former)) == 1  # who can do something about it
    assert {message.to[0] for message in mail.outbox} == {quiet.u_former.email, quiet.u_head.email}
    assert quiet.u_inactive.roles == ["staff", "head"]  # a head who left hears nothing


def test_unassigned_waits_for_no_keyworker(quiet):
    cai = make_student("Cai", "Older", joined_on=TODAY - 15 * DAY)
    record_misses()
    notify_of_misses()
    assert "nobody is keyworker" in to(quiet.u_head)[0].body
    assert Miss.objects.get(student=cai).keyworker_notified_at is not None


def test_attempted_is_put_before_the_head_first(bea, quiet):
    cai = make_student("Cai", "Older", joined_on=TODAY - 15 * DAY)
    assign(cai, quiet.u_keyworker_other, start=TODAY - 15 * DAY)
    for days, reached, channel in (
        (3, "no_answer", "phone"),
        (2, "failed", "text"),
        (1, "no_answer", "phone"),
    ):
        contact(cai, TODAY - days * DAY, quiet.u_keyworker_other, reached, channel).save()
    record_misses()
    notify_of_misses()
    body = to(quiet.u_head)[0].body
    assert (
        "CO  home contact, due Sunday 22 November, still owed; tried and not reached, so over to you" in body
    )
    assert body.index("CO ") < body.index("BJ ")
    assert to(quiet.u_head)[0].subject == "2 home contacts are overdue in Keywork"


def test_withdrawn_before_it_was_told_is_never_told(bea, quiet):
    withdraw_miss(miss=Miss.objects.get(student=bea), reason="A mistake.", by=quiet.u_head)
    assert notify_of_misses() == {"sent": 0}


def test_what_is_done_meanwhile_is_told_to_nobody(bea, quiet):
    contact(bea, TODAY, quiet.u_keyworker).save()
    assert notify_of_misses() == {"sent": 0}
    miss = Miss.objects.get(student=bea)
    assert miss.keyworker_notified_at and miss.head_notified_at  # nobody is left to tell; it stays on record
    assert not Digest.objects.exists()


def test_nobody_is_told_while_contact_is_on_hold(bea, quiet):
    hold(bea, TODAY - 5 * DAY, TODAY + DAY, quiet.u_head).save()
    assert notify_of_misses() == {"sent": 0}
    assert Miss.objects.standing().get(student=bea).head_notified_at is None


def test_nobody_is_told_of_what_was_explained(bea, quiet):
    explain_miss(miss=Miss.objects.get(student=bea), reason="The family is abroad.", by=quiet.u_keyworker)
    assert notify_of_misses() == {"sent": 0}
    assert Miss.objects.get(
        student=bea
    ).head_notified_at  # it stands in the list of what was missed, with the reason


def test_nobody_is_told_of_who_has_left(bea, quiet):
    Student.objects.filter(pk=bea.pk).update(left_on=TODAY - DAY)
    assert notify_of_misses() == {"sent": 0}


def test_who_stands_in_is_told_and_the_keyworker_not_again(bea, quiet):
    assign(bea, quiet.u_mentor, "mentor", start=TODAY - 15 * DAY)
    away = StaffAbsence.objects.create(user=quiet.u_keyworker, starts_on=TODAY, ends_on=TODAY)
    assert notify_of_misses() == {"sent": 2}
    assert len(to(quiet.u_mentor)) == len(to(quiet.u_head)) == 1 and not to(quiet.u_keyworker)
    away.delete()
    with clock.frozen(TODAY + DAY):
        assert notify_of_misses() == {"sent": 0}


def test_senior_leadership_hears_of_what_repeats_and_once(bea, quiet):
    for due_on in (date(2026, 9, 22), date(2026, 10, 20)):
        Miss.objects.create(
            student=bea, duty="home_contact", due_on=due_on, klass="missed", keyworker=quiet.u_keyworker,
            as_of=due_on, detected_at=clock.now(), keyworker_notified_at=clock.now(), head_notified_at=clock.now(),
        )  # fmt: skip
    assert notify_of_misses() == {"sent": 3}
    (mail,) = to(quiet.u_slt)
    assert mail.subject == "Something is missed again and again in Keywork"
    assert "BJ  home contact, due Sunday 22 November, still owed; 3 times this term" in mail.body
    assert "20 October" not in mail.body  # the second time was told to the head alone
    assert "3 times this term" in to(quiet.u_head)[0].body
    with clock.frozen(TODAY + DAY):
        assert notify_of_misses() == {"sent": 0}


def test_once_a_week_is_what_somebody_chose(bea, quiet, as_user):
    head = as_user(quiet.u_head)
    sent = head.post(reverse("portal:digest"), {"digest-often": "weekly", "digest-also": ["moved"]})
    assert sent.status_code == 302
    page = head.get(reverse("portal:me")).content.decode()
    assert re.search(r'value="weekly"[^>]*checked', page)
    assert DigestChoice.objects.get(user=quiet.u_head).without == ["answered", "known"]
    with clock.frozen(TODAY + DAY):  # a Tuesday
        assert notify_of_misses() == {"sent": 1} and not to(quiet.u_head)
    with clock.frozen(TODAY + 7 * DAY):
        assert notify_of_misses() == {"sent": 1} and len(to(quiet.u_head)) == 1


def test_one_mail_a_person_a_day_and_the_rest_tomorrow(bea, quiet):
    notify_of_misses()
    cai = make_student("Cai", "Older", joined_on=TODAY - 15 * DAY)
    assign(cai, quiet.u_keyworker, start=TODAY - 15 * DAY)
    record_misses()
    assert notify_of_misses() == {"sent": 0}
    assert Miss.objects.get(student=cai).keyworker_notified_at is None
    with clock.frozen(TODAY + DAY):
        assert notify_of_misses() == {"sent": 2}
    last = to(quiet.u_keyworker)[-1].body
    assert "CO " in last and "BJ " not in last
    assert "Today 2 home contacts of your students are overdue altogether." in last


def test_keyworker_who_is_head_gets_one_mail_with_both(quiet):
    User.objects.filter(pk=quiet.u_keyworker.pk).update(roles=["staff", "head"])
    bea = make_student("Bea", "Jessop", joined_on=TODAY - 15 * DAY)
    assign(bea, quiet.u_keyworker, start=TODAY - 15 * DAY)
    make_student("Cai", "Older", joined_on=TODAY - 15 * DAY)
    record_misses()
    notify_of_misses()
    (mine,) = to(quiet.u_keyworker)
    assert "/today/" in mine.body and "/oversight/" in mine.body
    assert mine.body.count("BJ ") == mine.body.count("CO ") == 1


def test_a_mail_that_fails_stays_untold_and_is_tried_again(bea, quiet, settings):
    settings.EMAIL_BACKEND = "tests.contacts.test_digests.FailsFor"
    FailsFor.addresses = {quiet.u_keyworker.email}
    with pytest.raises(NotAllNotified, match="1 of 2"):
        notify_of_misses()
    assert len(to(quiet.u_head)) == 1 and not to(quiet.u_keyworker)
    miss = Miss.objects.get(student=bea)
    assert miss.keyworker_notified_at is None and miss.head_notified_at is not None
    FailsFor.addresses = set()
    assert notify_of_misses() == {"sent": 1}
    assert len(to(quiet.u_keyworker)) == 1 and len(to(quiet.u_head)) == 1


def test_second_head_is_told_too(bea, quiet, settings):
    second = make_user("second_head", "staff head")
    settings.EMAIL_BACKEND = "tests.contacts.test_digests.FailsFor"
    FailsFor.addresses = {second.email}
    with pytest.raises(NotAllNotified):
        notify_of_misses()
    assert Miss.objects.get(student=bea).head_notified_at is None
    FailsFor.addresses = set()
    notify_of_misses()
    assert len(to(second)) == len(to(quiet.u_head)) == 1
    assert Miss.objects.get(student=bea).head_notified_at is not None


class TestCover:
    """C11: a keyworker away across a due date alerts the deputy on the first day of the leave."""

    def leave(self, quiet, first, last):
        return StaffAbsence.objects.create(user=quiet.u_keyworker, starts_on=first, ends_on=last)

    def test_deputy_hears_on_the_first_day_and_once(self, quiet):
        self.leave(quiet, TODAY + DAY, TODAY + 20 * DAY)  # Mina is due on 6 December
        assert notify_of_misses() == {"sent": 0}
        with clock.frozen(TODAY + DAY):
            assert notify_of_misses() == {"sent": 1}
        (alert,) = to(quiet.u_deputy)
        assert alert.subject == "You are covering for a colleague in Keywork"
        assert "You are covering for Keyworker until Sunday 13 December." in alert.body
        assert "MH  due Friday 4 December" in alert.body
        with clock.frozen(TODAY + 2 * DAY):
            assert notify_of_misses() == {"sent": 0}

    def test_no_due_date_in_the_leave_no_alert(self, quiet):
        self.leave(quiet, TODAY, TODAY + 5 * DAY)
        assert notify_of_misses() == {"sent": 0}

    def test_leave_entered_late_is_told_while_it_lasts(self, quiet):
        self.leave(quiet, TODAY - 3 * DAY, TODAY + 20 * DAY)
        assert notify_of_misses() == {"sent": 1}

    def test_former_deputy_hears_nothing(self, quiet):
        self.leave(quiet, TODAY, TODAY + 20 * DAY)
        Assignment.objects.filter(user__in=[quiet.u_deputy, quiet.u_mentor]).delete()
        assert Assignment.objects.filter(user=quiet.u_former, kind="deputy", ends_on=TODAY - DAY).exists()
        assert notify_of_misses() == {"sent": 0}


def test_the_nightly_task_records_and_then_tells(quiet, eager, django_capture_on_commit_callbacks):
    bea = make_student("Bea", "Jessop", joined_on=TODAY - 15 * DAY)
    assign(bea, quiet.u_keyworker, start=TODAY - 15 * DAY)
    with django_capture_on_commit_callbacks(execute=True):
        nightly()
    assert Miss.objects.filter(student=bea).count() == 1
    assert len(mail.outbox) == 2
    assert Digest.objects.count() == 2


@pytest.mark.parametrize(
    ("began", "told_at"),
    [
        (datetime(2026, 11, 23, 0, 15), datetime(2026, 11, 23, 7)),
        (datetime(2026, 11, 28, 0, 15), datetime(2026, 11, 30, 7)),  # Saturday
        (datetime(2026, 10, 25, 0, 15), datetime(2026, 11, 2, 7)),  # the clocks go back, in half-term
        (datetime(2027, 3, 28, 0, 15), datetime(2027, 4, 12, 7)),  # and forward
    ],
)
def test_each_is_told_once_on_the_next_school_morning(
    quiet, eager, django_capture_on_commit_callbacks, began, told_at
):
    """Two beats each night, a queue that was emptied: counted."""
    joined_on = began.date() - 15 * DAY
    bea = make_student("Beatrix", "Jessop-Quill", joined_on=joined_on)
    assign(bea, quiet.u_keyworker, start=joined_on)
    last_night = told_at.replace(hour=0, minute=15)
    sent: list[datetime] = []
    moments = {began, began.replace(hour=12), last_night, told_at, told_at.replace(hour=8)}
    for local in sorted(moments):
        before = len(mail.outbox)
        with clock.frozen(local.replace(tzinfo=LONDON)), django_capture_on_commit_callbacks(execute=True):
            if local.hour == 0:
                nightly()
                nightly()
            Job.objects.unfinished().update(queued_at=None)
            sweep()
            sweep()
        sent += [local] * (len(mail.outbox) - before)
    about = [one for one in mail.outbox if "BJ " in one.body]
    assert sorted(one.to[0] for one in about) == [quiet.u_head.email, quiet.u_keyworker.email]
    assert set(sent) == {told_at}


class Dies(locmem.EmailBackend):
    """A mail server after whose first message the worker is killed."""

    def send_messages(self, messages):
        if mail.outbox:
            raise SystemExit
        return super().send_messages(messages)


def test_a_worker_killed_in_a_digest_tells_nobody_twice(bea, quiet, settings):
    settings.EMAIL_BACKEND = "tests.contacts.test_digests.Dies"
    with pytest.raises(SystemExit):
        notify_of_misses()
    assert len(mail.outbox) == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.frozen(clock.now() + timedelta(seconds=settings.OUTBOX_LEASE_SECONDS + 60)):
        assert notify_of_misses() == {"sent": 1}
    assert sorted(one.to[0] for one in mail.outbox) == [quiet.u_head.email, quiet.u_keyworker.email]


def test_beat_runs_it_nightly_in_london():
    from keywork.celery import app

    entry = app.conf.beat_schedule["nightly"]
    assert entry["task"] == nightly.name
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({0}, {15})
    assert app.conf.timezone == "Europe/London"
