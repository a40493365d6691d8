"""An e-mail to somebody at home, written on the record: sent by the outbox, and in the log once it was taken."""

from __future__ import annotations

from django.db import transaction

from keywork import clock
from keywork.contact_hold import NOTHING_SENT, on_hold
from keywork.errors import Refused
from keywork.models import User
from keywork.names import folded
from outbox import actions as outbox
from students.lookup import links_for_keywork
from students.models import FamilyLink, Student

from ..actions.contacts import Person, log_contact
from ..models import HomeContact, HomeLetter

MAIL = "contacts.home_letter"


def reachable(student: Student) -> list[FamilyLink]:
    """Who may be written to today, and has an address."""
    return [link for link in links_for_keywork(student.pk, clock.today()) if link.member.email]


@transaction.atomic
def write(*, by: User, student: Student, link: FamilyLink, words: str) -> HomeLetter:
    """Raises Refused."""
    if on_hold(student.pk, clock.today()):
        raise Refused(NOTHING_SENT)
    if link.pk not in {one.pk for one in reachable(student)}:
        raise Refused("Choose someone who may be written to", "person")
    if names_somebody(words, student, link):
        raise Refused(
            "Leave surnames out: an e-mail may be read on its way. Keywork begins it with their first name",
            "words",
        )
    letter = HomeLetter.objects.create(
        student=student,
        member=link.member,
        with_name=link.label,
        words=words.strip(),
        written_by=by,
        written_at=clock.now(),
    )
    outbox.do(MAIL, key=str(letter.pk), letter=letter.pk)
    return letter


def names_somebody(words: str, student: Student, link: FamilyLink) -> bool:
    """Whether a surname of the child or of whoever it goes to stands in it."""
    said = f" {folded(words)} "
    surnames = {student.legal_surname, student.surname, link.member.surname}
    return any(f" {folded(one)} " in said for one in surnames if one)


def link_now(letter: HomeLetter) -> FamilyLink | None:
    """The one it goes to, as long as they may be written to."""
    return next((one for one in reachable(letter.student) if one.member_id == letter.member_id), None)


def log_sent(letter_id: int) -> None:
    """In the transaction that writes down that a server took it: once, whatever is tried again."""
    row = (
        HomeLetter.objects.select_for_update(of=("self",))
        .select_related("student", "written_by")
        .get(pk=letter_id)
    )
    if row.contact_id is not None:
        return
    at = clock.now().astimezone(clock.LONDON)
    try:
        [row.contact] = log_contact(
            by=row.written_by,
            student=row.student,
            person=Person(link=link_now(row), name=row.with_name),
            happened_on=at.date(),
            happened_time=at.time().replace(second=0, microsecond=0),
            channel=HomeContact.Channel.EMAIL,
            reached=HomeContact.Reached.MESSAGE,
            notes=row.words,
        )
    except Refused as no:
        row.not_logged = str(no)[:300]
    row.save(update_fields=["contact", "not_logged"])
