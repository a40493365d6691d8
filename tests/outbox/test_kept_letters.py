"""Letters home while contact is on hold: kept, and sent on the morning after, as far as they still stand then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from care.decisions import actions as decisions
from care.meetings import actions as meetings
from care.models import DecisionReader
from contacts.actions.holds import end_hold, place_hold
from contacts.letters import writing
from contacts.models import HomeContact, HomeLetter
from enquiries import actions as enquiries
from enquiries.models import Enquiry
from home.meetings import actions as appointments
from home.models import Appointment
from keywork import clock
from keywork.dates import LONDON
from keywork.signin_words import NOTIFICATIONS
from outbox import actions as outbox
from outbox import running
from outbox.models import Job, Mail
from outbox.tasks import sweep
from students.models import FamilyLink
from tests.care.test_decisions import announced
from tests.care.test_meetings import planned
from tests.forms import form_of
from tests.portal.test_assignments import fill, look_and_do
from tests.tsp.factories import make_ask
from tests.world import TODAY, make_student

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LAST = TODAY + 3 * DAY
MORNING = datetime(LAST.year, LAST.month, LAST.day, 8, tzinfo=LONDON) + DAY


@pytest.fixture
def hold(world):
    return place_hold(
        by=world.u_dsl,
        student=world.mina,
        starts_on=TODAY,
        ends_on=LAST,
        reason="The family asked for quiet.",
    )


@pytest.fixture
def swept(mails):
    """What goes to somebody when beat looks at a moment."""

    def at(moment, user) -> list[str]:
        with clock.frozen(moment), mails() as box:
            sweep()
        return [mail.subject for mail in box if mail.to == [user.email]]

    return at


def summary(world):
    row = planned(world, on=TODAY)
    words = {"words": "We spoke of the bus.", "members": [world.mina_mum.member_id]}
    return meetings.share_summary(by=world.u_keyworker, meeting=row, version=row.version, **words)


def appointment(world, **facts) -> Appointment:
    given = {
        "student": world.mina, "member": world.mina_mum.member, "user": world.u_keyworker,
        "asked_by": world.u_parent, "asked_at": clock.now(), "asked_on": TODAY, "minutes": 30, "how": "school",
        "settled_at": clock.now(),
    }  # fmt: skip
    return Appointment.objects.create(**given | facts)


def to_answer(world, student, member) -> Enquiry:
    return Enquiry(
        student=student, member=member, kind="care.review", period="1", asked_by=world.u_senco,
        asked_at=clock.now(), answer_by=LAST + 5 * DAY,
    )  # fmt: skip


def test_they_are_kept_and_sent_on_the_morning_after(world, as_user, hold, swept, mails):
    mum, head = world.u_parent, as_user(world.u_head)
    with mails() as box:
        announced(world)
        gone, read = announced(world), announced(world)
        decisions.withdraw(by=world.u_head, decision=gone, reason="The room has changed.")
        summary(world)
        link = {"name": "Folake", "email": "folake@home.example", "member": world.mina_mum.member}
        mine = make_ask(world.mina, world.u_keyworker, **link)
        token = enquiries.LINKS.token(mine.link_seed)
        with clock.frozen(TODAY + DAY):
            enquiries.remind(by=world.u_keyworker, enquiry=mine, by_itself=True)
        look_and_do(head, reverse("portal:assign", args=[world.mina.pk]), fill(world.u_keyworker_other))
    assert [mail.to for mail in box if mail.to == [mum.email]] == []
    reader = DecisionReader.objects.get(decision=read, member__user=mum)
    decisions.note_read(by=mum, reader=reader)
    # Not in the night, not before, and not to who has no right any more by then.
    assert not swept(MORNING - timedelta(minutes=1), mum)
    FamilyLink.objects.filter(member__user=world.u_staff_parent).update(ended_on=TODAY)
    with clock.frozen(MORNING), mails() as box:
        sweep()
    assert not any(mail.to == [world.u_staff_parent.email] for mail in box)
    assert sorted(mail.subject for mail in box if mail.to == [mum.email]) == [
        "A decision about your child",
        "A meeting about your child",
        "Your child’s keyworker has changed",
    ]
    address = [world.mina_mum.member.email]
    assert address in [mail.to for mail in box]  # the reminder, by a link that was not changed meanwhile
    assert reverse("enquiries:by_link", args=[token]) in next(m.body for m in box if m.to == address)
    assert not swept(MORNING + timedelta(minutes=1), mum)
    assert DecisionReader.objects.filter(member__user=mum, notified_at__isnull=False).count() == 2
    assert not Job.objects.exclude(state="done").exists()
    assert not Mail.objects.filter(state="kept").exists()


def test_one_of_its_day_is_dropped_and_one_to_somebody_else_goes_at_once(world, hold, swept, mails):
    """A reminder of what has been, the calling off of a day gone by, and what a keyworker wrote for now."""
    nia, mum = make_student("Nia", "Quay"), world.mina_mum.member
    FamilyLink.objects.create(student=nia, member=mum, relationship="mum")
    for student in (world.mina, nia):
        enquiries.ask_many([to_answer(world, student, mum)])
    enquiries.remind_all(rows=Enquiry.objects.filter(kind="care.review"), first=True)
    assert Job.objects.count() == 2  # what waits does not keep back what is asked about Nia
    tomorrow, later = clock.now() + DAY, clock.now() + 10 * DAY
    soon, off = appointment(world, starts_at=tomorrow), appointment(world, starts_at=later)
    with mails() as box:
        appointments.remind(today=TODAY)
        appointments.call_off(by=world.u_keyworker, meeting=off, version=off.version)
    assert [mail.to for mail in box] == [[world.u_keyworker.email]]
    assert "Your meeting with school is called off" in swept(MORNING, world.u_parent)
    reminder = Job.objects.get(kind="home.told", arguments__meeting=soon.pk)
    assert reminder.state == "done" and [mail.state for mail in reminder.mails.all()] == ["not_needed"]
    letter = HomeLetter.objects.create(
        student=world.mina, member=world.mina_mum.member, with_name="Folake", words="See you at three.",
        written_by=world.u_keyworker, written_at=clock.now(),
    )  # fmt: skip
    assert outbox.do_here(writing.MAIL, letter=letter.pk).state == "done"
    assert (
        not swept(MORNING + DAY, world.u_parent)
        and not HomeContact.objects.filter(notes=letter.words).exists()
    )


def test_it_goes_when_the_hold_ends_early_and_waits_when_another_follows(world, hold, swept, mails):
    place_hold(
        by=world.u_dsl, student=world.mina, starts_on=LAST + DAY, ends_on=LAST + 2 * DAY, reason="Once more."
    )
    with mails():
        announced(world)
    job = Job.objects.get()
    assert job.kept_for == [world.mina.pk] and job.due_at == MORNING + 2 * DAY
    assert not swept(MORNING, world.u_parent)
    with clock.frozen(TODAY + DAY):
        end_hold(by=world.u_dsl, hold=hold)
    assert swept(clock.now() + DAY, world.u_parent) == ["A decision about your child"]
    assert not swept(clock.now() + DAY, world.u_parent)


def test_a_worker_killed_at_it_sends_it_once(world, hold, swept, monkeypatch, mails):
    """Between the commit and the mail, and again between the hold and the mail."""
    with monkeypatch.context() as broken:
        broken.setattr(running, "queue", lambda pk, kind: False)  # the process died with the queue's message
        with mails():
            announced(world)
    assert not swept(clock.now() + timedelta(minutes=3), world.u_parent)
    job = Job.objects.get()
    assert job.mails.filter(state="kept").count() == 2
    Job.objects.update(state="running", claim="dead", leased_until=MORNING, due_at=MORNING)
    assert swept(MORNING + DAY, world.u_parent) == ["A decision about your child"]
    assert not swept(MORNING + 2 * DAY, world.u_parent)


def test_what_somebody_asks_for_about_their_own_account_is_never_kept(world, hold, mails):
    at = clock.now().isoformat()
    with mails() as box:
        outbox.do("keywork.sign_in_code", user=world.u_parent.pk, nonce="x", at=at, after_password=False)
        for about in ("account.password_reset_key", next(iter(NOTIFICATIONS))):
            outbox.do("keywork.sign_in", about=about, user=world.u_parent.pk, at=at)
    assert len([mail for mail in box if mail.to == [world.u_parent.email]]) == 3
    # An invitation is the school's: it waits, and the page of accounts says so.
    world.u_parent.set_unusable_password()
    world.u_parent.save()
    with mails() as box:
        outbox.do("keywork.invitation", key=str(world.u_parent.pk), user=world.u_parent.pk)
    assert not box and Mail.objects.get(state="kept")


def test_the_pages_say_so_before_and_after(world, as_user, hold):
    keyworker, words = as_user(world.u_keyworker), "writes to nobody at home now"
    url = reverse("care:decision_add", args=[world.mina.pk])
    page = keyworker.get(url).content.decode()
    assert words in page and "goes by itself on Friday 27 November" in page.replace("\n", " ")
    form = form_of(page, "kw-form") | {
        "what": "Maths in a group of four.",
        "people": [world.mina_mum.member_id],
    }
    page = keyworker.post(url, form, follow=True).content.decode()
    assert "is announced to 1 person" in page and words in page
    assert "Not told yet: home contact is on hold until Thursday 26 November." in page
    meeting = planned(world, on=TODAY)
    pages = [
        reverse("care:decision_withdraw", args=[world.mina.pk, DecisionReader.objects.first().decision_id]),
        reverse("care:meeting_summary", args=[world.mina.pk, meeting.pk]),
        reverse("home:meeting", args=[appointment(world, starts_at=clock.now() + DAY).pk]),
    ]
    assert all(words in keyworker.get(url).content.decode() for url in pages)
    head, url = as_user(world.u_head), reverse("portal:assign", args=[world.mina.pk])
    assert words in head.post(url, fill(world.u_keyworker_other)).content.decode()
    end_hold(by=world.u_dsl, hold=hold)
    assert not any(words in keyworker.get(url).content.decode() for url in pages)


def test_two_pages_that_end_one_hold(world, as_user, hold):
    """Of one placed today nothing is left; both lead on in words."""
    dsl, url = as_user(world.u_dsl), reverse("contacts:end_hold", args=[hold.pk])
    assert "The hold has ended" in dsl.post(url, follow=True).content.decode()
    assert "This hold is already over" in dsl.post(url, follow=True).content.decode()
    assert as_user(world.u_keyworker).post(url).status_code == 403
