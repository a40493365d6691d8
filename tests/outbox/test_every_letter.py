"""Every kind of mail that Keywork sends, by a mail server: to whom, and that it holds no surname, note or score."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.apps import apps

from care.models import Meeting, ReviewPerson
from care.plans.actions import say_read
from contacts.letters import writing
from contacts.models import ContactHold
from enquiries import kinds as asking
from enquiries.models import Enquiry
from home.mails import HOME_WORDS, SCHOOL_WORDS
from home.models import Appointment
from keywork import clock
from keywork.actions.accounts import change_account
from keywork.dates import LONDON
from keywork.mail_words import staff_hear
from keywork.models import User
from keywork.signin_words import NOTIFICATIONS
from outbox import actions as outbox
from outbox import kinds, running
from outbox.models import Mail
from outbox.tasks import sweep
from portal.notifications import What
from reports.models import Recipient
from students.models import FamilyMember, Student
from tests.access.records import review_person
from tests.tsp.factories import TERM, make_ask
from tests.world import TODAY
from tsp.models import Reminder

pytestmark = pytest.mark.django_db
SCORE = re.compile(r"\d\s?%|\b\d[.,]\d\b|\b\d+ (?:of|out of) \d+\b|\bT[ -]score", re.IGNORECASE)


def of(w):
    return w.of[w.mina.pk]


def signing_in(w):
    for about in (*NOTIFICATIONS, "account.password_reset_key"):
        yield {"about": about, "user": w.u_parent.pk, "at": clock.now().isoformat()}


def codes(w):
    for after_password in (True, False):
        at = clock.now().isoformat()
        yield {"user": w.u_parent.pk, "nonce": "x", "at": at, "after_password": after_password}


def invited(w):
    w.u_senco.set_unusable_password()
    w.u_senco.save()
    yield {"user": w.u_senco.pk}


def changed(w, argument):
    """The history of a teacher who becomes a safeguarding lead, with another address."""
    change_account(
        user=w.u_teacher, name=w.u_teacher.name, email="other@school.example", roles=["dsl"], by=w.u_admin
    )
    events = apps.get_model("keywork", "UserEvent").objects.filter(pgh_obj_id=w.u_teacher.pk).order_by("-pk")
    yield {argument: events[0].pk}


def closed(w):
    User.objects.filter(pk=w.u_keyworker.pk).update(is_active=False, deactivated_at=clock.now())
    yield {"user": w.u_keyworker.pk}


def asked_outside(w):
    """Of each way to whoever is no staff: a link, and a family's account. Before those of staff."""
    everybody_is_asked(w)
    return asked(w, lambda row: row.by_link or row.member_id is not None)


def asked_of_staff(w):
    return asked(w, lambda row: not row.by_link and row.member_id is None)


def asked(w, goes):
    rows = list(Enquiry.objects.waiting().filter(student=w.mina).exclude(kind__in=asking.in_digest()))
    for row in filter(goes, rows):
        for again in (False, True):
            yield {"enquiries": [row.pk], "again": again, "reminder": again}


def everybody_is_asked(w):
    """One of each kind of enquiry, and of each way to whoever was asked."""
    make_ask(w.mina, w.u_keyworker, member=w.mina_mum.member, name="Folake", email="folake@home.example")
    make_ask(w.mina, w.u_head, w.u_mentor, kind="contacts.follow_session", period=str(of(w).session.pk))
    part = {"kind": "care.review", "period": str(of(w).review.pk), "target_id": of(w).review_person.pk}
    make_ask(w.mina, w.u_keyworker, w.u_mentor, **part)
    make_ask(w.mina, w.u_keyworker, w.u_deputy, kind="care.plan", period=str(of(w).kept["safeguarding"].pk))
    of(w).check_up.delete()
    Enquiry.objects.create(
        kind="contacts.check_up",
        student=w.mina,
        user=w.u_mentor,
        period=TODAY.isoformat(),
        asked_by=w.u_keyworker,
        asked_at=clock.now(),
        answer_by=TODAY,
    )
    rows = Enquiry.objects.waiting().filter(student=w.mina).exclude(kind__in=asking.in_digest())
    assert {row.kind for row in rows} == {kind.slug for kind in asking.registered() if not kind.in_digest}
    assert {row.by_link for row in rows} == {True, False}


def released(w):
    Recipient.objects.update(sent_by=w.u_head)
    yield {"recipients": list(Recipient.objects.values_list("pk", flat=True))}


def invited_to_review(w):
    """Staff, home with an account, and somebody outside."""
    review = of(w).review
    ReviewPerson.objects.update(email="abara@nhs.example")
    if not review.people.filter(user=w.u_senco).exists():
        review_person(review, w.u_keyworker, role="school", user=w.u_senco)
    return review.pk


def letter_home(w):
    """As a keyworker writes it: surnames are refused there."""
    return writing.write(by=w.u_keyworker, student=w.mina, link=w.mina_mum, words="She had a good week.")


def chased(w):
    row = Reminder.objects.create(
        student=w.mina,
        term=TERM,
        keyworker=w.u_keyworker,
        missing=["summary"],
        sent_at=clock.now(),
        sent_by=w.u_coordinator,
    )
    yield {"chases": [row.pk], "kind_words": "baseline", "due": {str(w.mina.pk): TODAY.isoformat()}}


def changes(w):
    for what in What:
        yield {
            "what": what.value,
            "post": "keyworker",
            "on": TODAY.isoformat(),
            "students": [w.mina.pk],
            "incoming": w.u_deputy.pk if what is What.BEGINS else None,
            "outgoing": [w.u_keyworker.pk],
        }


def changes_at_home(w):
    for what in What:
        yield {
            "what": what.value,
            "post": "keyworker",
            "on": TODAY.isoformat(),
            "students": [w.mina.pk],
        }


def replied(w):
    row = of(w).decision.readers.exclude(member=None)[0]
    row.answer, row.answered_by, row.answered_at = "question", w.u_parent, clock.now()
    row.reply, row.replied_by, row.replied_at = "Since Monday.", w.u_keyworker, clock.now()
    row.save()
    return row.pk


def asked_about_a_plan(w):
    version = of(w).kept["risk"]
    return say_read(version=version, question="Which door?", by=w.u_mentor).pk


def one(name, told):
    return lambda w: [{name: told(w)}]


def told_of_home(w, words):
    """Each piece of news of a meeting, and a message that nobody has read."""
    tomorrow = clock.now() + timedelta(days=1)  # of a day gone by nothing is told
    Appointment.objects.exclude(starts_at=None).update(starts_at=tomorrow)
    off = Appointment.objects.get(pk=of(w).appointment.pk)
    off.pk, off.called_off_at = None, clock.now()
    off.save()
    for what in words:
        if what == "message":
            yield {"what": what, "message": of(w).message.pk}
        elif what == "details":
            yield {"what": what, "details": of(w).proposal.pk}
        else:
            yield {"what": what, "meeting": off.pk if what == "meeting_off" else of(w).appointment.pk}


def minutes(w):
    meeting = of(w).held_meeting
    meeting.attendees.filter(user=w.u_teacher).update(came=True)
    Meeting.objects.filter(pk=meeting.pk).update(minutes_at=clock.now(), minutes_by=w.u_keyworker)
    yield {"meeting": meeting.pk}


# What each kind of mail is asked for with; a new one has to be written here.
LETTERS = {
    "safety.worry": one("worry", lambda w: of(w).worry.pk),
    "safety.worry_waits": one("worry", lambda w: of(w).worry.pk),
    "care.review_moved": one("review", lambda w: invited_to_review(w)),
    "care.advice_came_late": lambda w: [{"review": invited_to_review(w), "person": 0}],
    "contacts.digests": one("day", lambda w: TODAY.isoformat()),
    "contacts.briefing": one("briefing", lambda w: of(w).briefing.pk),
    "contacts.home_letter": one("letter", lambda w: letter_home(w).pk),
    "contacts.check_up_issue": one("enquiry", lambda w: of(w).check_up.pk),
    "home.told": lambda w: told_of_home(w, HOME_WORDS),
    "home.school_told": lambda w: told_of_home(w, SCHOOL_WORDS),
    "students.change_asked": one("request", lambda w: of(w).change_request.pk),
    "reports.released": released,
    "reports.outside": lambda w: [{"copy": of(w).outside_copy.pk, "again": again} for again in (False, True)],
    "reports.comment": one("comment", lambda w: of(w).comment.pk),
    "reports.to_write": lambda w: [{"report": "tsp-termly", "term": TERM, "due": TODAY.isoformat()}],
    "tsp.chase": chased,
    "care.decision": one("decision", lambda w: of(w).decision.pk),
    "care.decision_withdrawn": one("decision", lambda w: of(w).decision.pk),
    "care.decision_reply": one("reader", replied),
    "care.meeting_summary": one("meeting", lambda w: of(w).held_meeting.pk),
    "care.minutes": minutes,
    "care.shown": one("shared", lambda w: of(w).shown.pk),
    "care.part_asked": one("part", lambda w: of(w).part_asked.pk),
    "care.plan_question": one("enquiry", asked_about_a_plan),
    "portal.change": changes,
    "portal.change_at_home": changes_at_home,
    "portal.known": lambda w: [
        {
            "on": post.starts_on.isoformat(),
            "students": [w.mina.pk],
            "keyworker": post.user_id,
            "outgoing": [],
        }
        for post in w.mina.assignments.filter(user=w.u_keyworker, kind="keyworker")
    ],
    "portal.calendar": one("users", lambda w: [w.u_keyworker.pk]),
    "keywork.sign_in": signing_in,
    "keywork.sign_in_code": codes,
    "keywork.invitation": invited,
    "enquiries.letter": asked_outside,
    "enquiries.letter_to_staff": asked_of_staff,
    "keywork.rights_changed": lambda w: changed(w, "became"),
    "keywork.address_changed": lambda w: changed(w, "before"),
    "keywork.account_closed": closed,
}
# Which of them wait for the hours in which staff are written to: what goes to staff and is not urgent.
WAIT = {
    "care.minutes",
    "care.part_asked",
    "care.plan_question",
    "home.school_told",
    "contacts.briefing",
    "contacts.check_up_issue",
    "contacts.digests",
    "enquiries.letter_to_staff",
    "portal.calendar",
    "portal.change",
    "portal.known",
    "reports.comment",
    "reports.to_write",
    "students.change_asked",
    "tsp.chase",
}
AT_ONCE = {
    "care.shown",
    "care.advice_came_late",
    "care.decision",
    "care.decision_reply",
    "care.meeting_summary",
    "care.decision_withdrawn",
    "care.review_moved",
    "home.told",
    "contacts.home_letter",  # to home, or to somebody outside
    "enquiries.letter",
    "portal.change_at_home",
    "reports.outside",
    "reports.released",
    "keywork.invitation",  # asked for by a person
    "keywork.account_closed",  # of security
    "keywork.address_changed",
    "keywork.rights_changed",
    "keywork.sign_in",
    "keywork.sign_in_code",
    "safety.worry",
    "safety.worry_waits",
}
MAILS = [name for name, kind in kinds.KINDS.items() if kind.is_mail]


@pytest.mark.parametrize("name", MAILS)
def test_each_mail_waits_for_the_school_or_goes_at_once(name):
    assert (name in WAIT) != (name in AT_ONCE), "Say of a new kind of mail whether it waits."


def test_what_waits_is_done_on_the_next_school_morning(world):
    friday = datetime(2026, 11, 20, 22, 0, tzinfo=LONDON)
    monday = datetime(2026, 11, 23, 7, 0, tzinfo=LONDON)
    with clock.frozen(friday):
        due = {name: outbox.do(name, letter=1).due_at for name in MAILS}
        assert staff_hear() == "on Monday 23 November, 7 am"
    assert due == dict.fromkeys(WAIT, monday) | dict.fromkeys(AT_ONCE, friday)


def test_a_try_that_fails_in_the_evening_is_made_again_in_the_morning(world, settings):
    """Also when the sweep, which sees to a clock that was ahead, looks at it in between."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "outbox.smtp.EmailBackend",
        "127.0.0.1",
        1,
    )
    friday = datetime(2026, 11, 20, 18, 59, 50, tzinfo=LONDON)
    with clock.frozen(friday):
        job = outbox.do_here("portal.calendar", users=[world.u_keyworker.pk])
    assert job.state == "waiting" and job.due_at == datetime(2026, 11, 23, 7, 0, tzinfo=LONDON)
    with clock.frozen(friday + timedelta(hours=20)):
        assert sweep() == 0
    with clock.frozen(job.due_at):  # the server is still away: it has all its two days yet
        running.run(job.pk, "test")
    job.refresh_from_db()
    assert job.state == "waiting" and job.tries == 1


def test_every_kind_reaches_a_server_and_holds_no_surname_note_or_score(world_with_records, server, settings):
    w, settings.EMAIL_TIMEOUT = world_with_records, 10
    assert set(LETTERS) == set(MAILS)
    ContactHold.objects.all().delete()  # what becomes of letters then: test_kept_letters
    secret = {*Student.objects.values_list("legal_surname", flat=True)}
    secret |= {*FamilyMember.objects.values_list("surname", flat=True)}
    for name, cases in LETTERS.items():
        for ids in cases(w):
            before = len(server.got)
            job = outbox.do_here(name, **ids)
            assert job.state == "done" and len(server.got) > before, (name, ids, job.error, job.detail)
            for to, message in server.got[before:]:
                read(name, to, message, secret)
    assert len({message["Message-ID"] for _, message in server.got}) == len(server.got)
    assert not Mail.objects.exclude(state="sent").exclude(state="not_needed").exists()


def read(name, to, message, secret) -> None:
    """Plain text, to one address; every note of these records says the surname."""
    assert message.get_content_type() == "text/plain" and message["To"] == to, name
    words = re.sub(r"https?://\S+", "", f"{message['Subject']}\n{message.get_content()}")
    # Whoever is written to is called by their name.
    mine = User.objects.filter(email=to).values_list("name", flat=True).first() or ""
    found = {one for one in secret if one in words and one not in mine}
    assert not found and not SCORE.search(words), (name, found, words)
