"""Writing to the other side. Each message is a contact in the log, written by the one `log_contact`."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from contacts.actions.contacts import Person, log_contact
from contacts.models import HomeContact
from keywork import clock, contact_hold
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from keywork.words import filled
from students.models import FamilyLink, FamilyMember, Student

from ..mails import notify_home, notify_school, to_ask
from ..models import HomeMessage

LONGEST = 3000
A_REPLY_WITHIN = timedelta(days=28)  # what comes later begins a new talk


@transaction.atomic
def write_to_school(*, by: User, student: Student, member: FamilyMember, words: str) -> HomeMessage:
    """From home to whoever answers today. Raises Refused."""
    link = _link(student, member)
    if link is None or member.user_id != by.pk:
        raise Refused("Ring the school office, please", "words")
    adult = to_ask(student)
    if adult is None:
        raise Refused("There is nobody to write to just now. Ring the school office", "words")
    row = _write(student, link, words, from_home=True, by=by, adult=adult)
    notify_school("message", message=row)
    return row


@transaction.atomic
def write_home(*, by: User, student: Student, member: FamilyMember, words: str) -> HomeMessage:
    """From school to one person at home; what they wrote is read by that. Raises Refused."""
    if not allows(by, Can.ANSWER_HOME, student):
        raise Refused("You do not answer for this student")
    if contact_hold.on_hold(student.pk, clock.today()):
        raise Refused(contact_hold.NOTHING_SENT, "words")
    link = _link(student, member)
    if link is None:
        raise Refused("They may not be contacted now", "words")
    if not member.opens_pages:
        raise Refused("They have no account here yet. Ring or write an e-mail", "words")
    mark_read(student=student, member=member, by=by, from_home=True)
    row = _write(student, link, words, from_home=False, by=by, adult=by)
    notify_home("message", message=row)
    return row


@transaction.atomic
def mark_read(*, student: Student, member: FamilyMember, by: User, from_home: bool) -> int:
    """What the other side wrote, and `by` sees now."""
    rows = HomeMessage.objects.filter(
        student=student, member=member, from_home=from_home, read_at__isnull=True
    )
    return rows.update(read_at=clock.now(), read_by=by)


def _link(student: Student, member: FamilyMember) -> FamilyLink | None:
    links = FamilyLink.objects.for_keywork(clock.today()).filter(student=student, member=member)
    return links.select_related("member", "student").first()


def _write(
    student: Student, link: FamilyLink, words: str, *, from_home: bool, by: User, adult: User
) -> HomeMessage:
    said = words.replace("\x00", "").strip()
    if not said:
        raise Refused("Write a few words first", "words")
    if len(said) > LONGEST:
        raise Refused(filled("Keep it to {most} characters", most=LONGEST), "words")
    # Two of one thread wait for each other: which is a reply is known.
    Student.objects.select_for_update(of=("self",)).only("pk").get(pk=student.pk)
    before = HomeMessage.objects.filter(student=student, member=link.member).order_by("-pk").first()
    since = clock.now() - A_REPLY_WITHIN
    is_reply = bool(before and before.from_home != from_home and before.written_at > since)
    at = clock.now().astimezone(clock.LONDON)
    [contact] = log_contact(
        by=adult,
        student=student,
        person=Person(link=link),
        happened_on=at.date(),
        happened_time=at.time().replace(second=0, microsecond=0),
        channel=HomeContact.Channel.MESSAGE,
        reached=HomeContact.Reached.REPLIED if is_reply else HomeContact.Reached.MESSAGE,
        direction=HomeContact.Direction.IN if from_home else HomeContact.Direction.OUT,
        notes=said,
    )
    return HomeMessage.objects.create(
        student=student,
        member=link.member,
        from_home=from_home,
        words=said,
        written_by=by,
        written_at=clock.now(),
        contact=contact,
    )
