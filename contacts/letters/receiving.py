"""What becomes of a message in the mailbox: a draft for the keyworker, kept aside with a reason, or nothing."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Collection
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.crypto import get_random_string

from keywork import clock, prepared
from keywork.access import Can, allows
from keywork.errors import Refused
from keywork.models import User
from keywork.pictures import BrokenPicture, NotAPicture, TooManyDots, drawn_anew
from keywork.sql import any_of
from outbox import actions as outbox
from outbox import errors
from students.models import FamilyLink, Student
from students.uploads import NotAPdf, without_metadata

from ..models import HomeContact, IncomingMail, LogAddress, MailFile
from ..models.letter import MOST_FILES, TO_PUT_BACK, Refusal
from . import reading
from .reading import Received

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_LOOKED_AT: Final = 40  # of the files of one message
MOST_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 2000
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # those that are not taken for each other
State = IncomingMail.State
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_COMMENT = re.compile(r"\([^()]*\)")
_PASSED = re.compile(r"\s*dmarc\s*=\s*pass(?![^\s])", re.I)


def local_parts(to: tuple[str, ...]) -> list[str]:
    """Of the addresses a message went to, what stands before the @ of those that are of students."""
    domain = settings.LOG_MAIL_DOMAIN.lower()
    return [local for local, _, where in (one.rpartition("@") for one in to) if where == domain]


@transaction.atomic
def take(raw: bytes) -> bool:
    """Handle one message, once however often it is given; whether it is to be kept aside in the mailbox.

    Nothing is written twice after a kill: a message that was handled is known by its key.
    """
    if (report := reading.returned(raw)) is not None:
        why = errors.refusal(550, report.code)
        outbox.returned(message_id=report.message_id, why=why)
        return False
    message = reading.read(raw)
    aside = False
    for local in local_parts(message.to) or [""]:
        key = reading.key_of(message.message_id, local)
        known = IncomingMail.objects.filter(key=key).first()
        row = known or _new(key, message, local)
        aside |= row.state == State.REFUSED and row.why != Refusal.AUTOMATIC
    return aside


@transaction.atomic
def set_aside(raw: bytes) -> None:
    """A message that could not be read at all."""
    key = reading.key_of(hashlib.sha256(raw).hexdigest(), "")
    IncomingMail.objects.get_or_create(
        key=key, defaults={"received_at": clock.now(), "state": State.REFUSED, "why": Refusal.UNREADABLE}
    )


def _new(key: str, message: Received, local: str) -> IncomingMail:
    address = LogAddress.objects.filter(local=local).select_related("student").first() if local else None
    sender = (
        User.objects.filter(email__iexact=message.sender, is_active=True).first() if message.sender else None
    )
    why = _why_not(message, address, sender)
    if why or address is None or sender is None:
        return IncomingMail.objects.create(
            key=key,
            received_at=clock.now(),
            sender_address=message.sender[:254],
            state=State.REFUSED,
            why=why,
        )
    links = list(
        FamilyLink.objects.for_keywork(clock.today()).filter(student=address.student).select_related("member")
    )
    by_email = {link.member.email.lower(): link.member for link in links if link.member.email}
    written_to = next((by_email[one] for one in message.to if one in by_email), None)
    quoted = next((by_email[one] for one in reading.addresses_in(message.words) if one in by_email), None)
    row = IncomingMail.objects.create(
        key=key,
        received_at=clock.now(),
        student=address.student,
        sender=sender,
        sent_on=min(message.sent_on or clock.today(), clock.today()),
        subject=message.subject,
        words=message.words,
        is_from_home=written_to is None,
        member=written_to or quoted,
        state=State.WAITING,
    )
    row.left_out = _keep_files(row, message)
    row.save(update_fields=["left_out"])
    return row


def _why_not(message: Received, address: LogAddress | None, sender: User | None) -> str:
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    if message.is_automatic or (message.sender and message.sender == ours):
        return Refusal.AUTOMATIC
    if address is None:
        return Refusal.NO_ADDRESS
    if address.ended_at is not None:
        return Refusal.OLD_ADDRESS
    if sender is None or not sender.is_school_staff:
        return Refusal.STRANGER
    if not allows(sender, Can.LOG, address.student):
        return Refusal.NOT_THEIRS
    if settings.LOG_MAIL_AUTHSERV and not _is_vouched_for(message):
        return Refusal.NOT_PROVEN
    return ""


def _is_vouched_for(message: Received) -> bool:
    """What the school's own server found out of the sender; whatever stands below it a sender may have written."""
    first = next(iter(message.vouched_by), "")
    name, _, found = first.partition(";")
    if name.split()[:1] != [settings.LOG_MAIL_AUTHSERV]:
        return False
    # Who sent it chose what stands in quotes, in comments and behind the name of what was looked at (RFC 8601).
    said, before = _QUOTED.sub("", found), ""
    while said != before:
        before, said = said, _COMMENT.sub(" ", said)
    return any(_PASSED.match(one) for one in said.split(";"))


def _keep_files(row: IncomingMail, message: Received) -> list[str]:
    """Pictures drawn anew and PDFs without what rides along; the names of all else, each with the reason."""
    left_out: list[str] = []
    kept = 0
    for number, (name, content) in enumerate(message.files):
        if number == MOST_LOOKED_AT:
            more = len(message.files) - number
            left_out.append("one more file" if more == 1 else f"{more} more files")
            break
        made = _made_anew(content) if kept < MOST_FILES else f"more than {MOST_FILES} files"
        if isinstance(made, str):
            left_out.append(f"{name} ({made})"[:200])
            continue
        kept += 1
        content_type, ending, clean = made
        # Of a name that is the same in a second try: a worker killed before the commit leaves no second file.
        path = f"mail/{row.key[:32]}-{number}.{ending}"
        file = MailFile(mail=row, name=name, content_type=content_type)
        storage = file.file.storage
        if storage.exists(path):
            file.file.name = path
        else:
            file.file.name = storage.save(path, ContentFile(clean))
        file.save()
    return left_out


def _made_anew(content: bytes) -> tuple[str, str, bytes] | str:
    if not content or len(content) > MOST_BYTES:
        return "empty" if not content else f"larger than {MOST_BYTES // 1024 // 1024} MB"
    try:
        if content.startswith(b"%PDF-"):
            return "application/pdf", "pdf", without_metadata(io.BytesIO(content)).read()
        return drawn_anew(
            io.BytesIO(content), formats=FORMATS, longest_side=LONGEST_SIDE, most_pixels=MOST_PIXELS
        )
    except NotAPicture:
        return "neither a picture nor a PDF"
    except TooManyDots:
        return "too many dots"
    except (BrokenPicture, NotAPdf):
        return "broken, or locked"


# ---------------------------------------------------------------------------- what somebody decides


@transaction.atomic
def log(*, by: User, mail: IncomingMail, make: Callable[[], list[HomeContact]]) -> list[HomeContact]:
    """It is in the log as `make` writes it; its own words go. Raises Refused where somebody was quicker."""
    row = _waiting(mail)
    made = make()
    IncomingMail.objects.filter(pk=row.pk).update(
        state=State.LOGGED, words="", subject="", ended_at=clock.now(), ended_by=by, contact=made[0]
    )
    return made


@transaction.atomic
def throw_away(*, by: User, mail: IncomingMail) -> None:
    """It waits no more; for a day it can be put back. Raises Refused where somebody was quicker."""
    row = _waiting(mail)
    row.state, row.ended_at, row.ended_by = State.THROWN_AWAY, clock.now(), by
    row.save(update_fields=["state", "ended_at", "ended_by"])


@transaction.atomic
def put_back(*, mail: IncomingMail) -> None:
    """What was thrown away waits again. Raises Refused where it cannot."""
    row = IncomingMail.objects.select_for_update().get(pk=mail.pk)
    if row.state == State.WAITING:
        return
    if not IncomingMail.objects.thrown_away().filter(pk=row.pk).exists():
        raise Refused("Its words are gone by now")
    row.state, row.ended_at, row.ended_by = State.WAITING, None, None
    row.save(update_fields=["state", "ended_at", "ended_by"])


@transaction.atomic
def forget_thrown_away() -> None:
    """After a day words and files go; that there was a message stays."""
    old = IncomingMail.objects.select_for_update(of=("self",)).filter(
        state=State.THROWN_AWAY, ended_at__lte=clock.now() - TO_PUT_BACK
    )
    for file in MailFile.objects.filter(mail__in=old):
        outbox.do("students.delete_file", name=file.file.name)
        file.delete()
    old.exclude(words="", subject="").update(words="", subject="")


def _waiting(mail: IncomingMail) -> IncomingMail:
    row = IncomingMail.objects.select_for_update().get(pk=mail.pk)
    if row.state != State.WAITING:
        raise Refused("Somebody has dealt with this e-mail already")
    return row


@transaction.atomic
def new_address(*, by: User, student: Student) -> LogAddress:
    """The one before works no longer."""
    Student.objects.select_for_update().get(pk=student.pk)
    student.log_addresses.filter(ended_at__isnull=True).update(ended_at=clock.now())
    local = f"log-{get_random_string(20, LETTERS)}"
    return LogAddress.objects.create(student=student, local=local, made_at=clock.now(), made_by=by)


def mail_waits(students: Collection[int]) -> prepared.Read:
    """Of these students, those with a message that waits: key, name and how many."""
    return prepared.Read(_that_wait, students)


def _that_wait(students: Any) -> QuerySet:
    rows = IncomingMail.objects.waiting().filter(any_of("student", students))
    return (
        rows.order_by("student__in_order", "student_id")
        .values_list("student_id", "student__known_as")
        .annotate(Count("pk"))
    )
