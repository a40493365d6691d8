"""Sending the letters of one row: each once, one that is refused without cost to the others.

Before a letter is given to the server its row says so, and after it was taken its row says that. Found between the
two, after a kill or a broken line, whether the server has it is not known: it goes once more, with the same
Message-ID, and is counted. Whatever else goes wrong, the server has said no, and nothing was taken.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils.crypto import salted_hmac

from keywork import clock

from . import errors
from .kinds import JobKind, Letter, left_alone
from .models import Job, Mail
from .smtp import AcceptanceUnknown

if TYPE_CHECKING:
    from .running import Lease

logger = logging.getLogger(__name__)

REFUSED = "Some addresses were refused"
Key = tuple[int, int, str]
STILL_TO_GO = (Mail.State.WAITING, Mail.State.SENDING, Mail.State.KEPT)


class _ServerAway(Exception):
    """There is no use in trying the other letters now."""


def send(lease: Lease, kind: JobKind) -> None:
    """Send what is not sent yet, and say in the row how that ended."""
    job = lease.job
    letters = {_key(letter): letter for letter in kind.function(**job.arguments)}
    alone = left_alone({student for letter in letters.values() for student in letter.home})
    pending, kept = _sorted(job, letters, alone)
    lease.keep()
    error: BaseException | None = None
    connection = get_connection()
    try:
        for mail, letter in pending:
            lease.keep()
            try:
                trouble = _send_one(connection, mail, letter)
            except _ServerAway as away:
                error = away.__cause__
                break
            if trouble is None:
                lease.progress()
            elif mail.state != Mail.State.REFUSED:
                error = trouble
    finally:
        _drop(connection)
    if error is not None:
        lease.not_done(error, kind)
    elif kept:
        students = sorted({student for letter in kept for student in letter.home} & set(alone))
        lease.keep_until(min(alone[student] for student in students), students)
    elif job.mails.filter(state=Mail.State.REFUSED).exists():
        lease.failed(REFUSED)
    else:
        lease.done()


def _key(letter: Letter) -> Key:
    row: Any = letter.to
    return ContentType.objects.get_for_model(row).pk, row.pk, letter.part


@transaction.atomic
def _sorted(
    job: Job, letters: Mapping[Key, Letter], alone: Mapping[int, datetime]
) -> tuple[Sequence[tuple[Mail, Letter]], Sequence[Letter]]:
    """Letters that are still to go, with their rows, and those kept while home is left `alone`.

    New rows are written; what nobody asks for any more, or is only for now, is dropped.
    """
    Mail.objects.bulk_create(
        [
            Mail(job=job, content_type_id=content_type, object_id=pk, part=part)
            for content_type, pk, part in letters
        ],
        ignore_conflicts=True,
    )
    pending, kept = [], []
    for mail in job.mails.filter(state__in=STILL_TO_GO).order_by("pk"):
        letter = letters.get((mail.content_type_id, mail.object_id, mail.part))
        is_kept = letter is not None and not alone.keys().isdisjoint(letter.home)
        if letter is None or (is_kept and letter.for_now):
            _becomes(mail, Mail.State.NOT_NEEDED)
        elif is_kept:
            _becomes(mail, Mail.State.KEPT)
            kept.append(letter)
        else:
            pending.append((mail, letter))
    return pending, kept


def _becomes(mail: Mail, state: str) -> None:
    mail.state = state
    mail.save(update_fields=["state"])


def address_digest(address: str) -> str:
    """What tells a corrected address from the refused one, without keeping either."""
    return salted_hmac("outbox.address", address.strip().lower(), algorithm="sha256").hexdigest()


def is_corrected(mail: Mail) -> bool:
    """Whether the address that refused it was put right since."""
    to: Any = mail.to
    return bool(mail.address) and to is not None and address_digest(to.email) != mail.address


def _send_one(connection: Any, mail: Mail, letter: Letter) -> BaseException | None:
    """Send one letter and write down how that went; the error, if any. Raises _ServerAway."""
    repeated = mail.state == Mail.State.SENDING  # begun before, and not known how it ended
    mail.state, mail.tried_at, mail.address = Mail.State.SENDING, clock.now(), address_digest(letter.to.email)
    mail.tries, mail.repeats = mail.tries + 1, mail.repeats + repeated
    mail.save(update_fields=["state", "tried_at", "address", "tries", "repeats"])
    try:
        _give(connection, mail, letter)
    except AcceptanceUnknown as error:
        _drop(connection)
        return _not_sent(mail, error, Mail.State.SENDING)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        code, answer = _answer(error)
        if code >= 500 and letter.may_be_refused:
            _becomes(mail, Mail.State.NOT_NEEDED)
            return None
        if code >= 500:
            mail.state, mail.error = Mail.State.REFUSED, errors.refusal(code, answer)
            mail.save(update_fields=["state", "error"])
        else:
            _not_sent(mail, error)
        if code == 421:
            _drop(connection)
        return error
    except (ValueError, smtplib.SMTPNotSupportedError) as error:  # UnicodeError is a ValueError
        mail.state, mail.error = Mail.State.REFUSED, errors.NO_ADDRESS
        mail.save(update_fields=["state", "error"])
        return error
    except (OSError, smtplib.SMTPException) as error:
        _drop(connection)
        _not_sent(mail, error)
        if errors.timed_out(error) or not isinstance(error, smtplib.SMTPServerDisconnected):
            raise _ServerAway from error
        return error
    with transaction.atomic():
        mail.state, mail.sent_at, mail.error = Mail.State.SENT, clock.now(), ""
        mail.save(update_fields=["state", "sent_at", "error"])
        if letter.sent is not None:
            letter.sent()
    return None


def _give(connection: Any, mail: Mail, letter: Letter) -> None:
    message = EmailMessage(
        subject=letter.subject,
        body=letter.body,
        to=[letter.to.email],
        headers={"Message-ID": mail.message_id},
        reply_to=[letter.reply_to] if letter.reply_to else None,
        connection=connection,
    )
    if not letter.to.email.strip():
        raise ValueError("no address")
    connection.open()
    message.send()


def _not_sent(mail: Mail, error: BaseException, state: str = Mail.State.WAITING) -> BaseException:
    mail.state, mail.error = state, errors.in_words(error)
    mail.save(update_fields=["state", "error"])
    return error


def _answer(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> tuple[int, bytes]:
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code, cast(bytes, error.smtp_error)  # as the server sent it
    return next(iter(error.recipients.values()))


def _drop(connection: Any) -> None:
    """The next letter opens a line of its own."""
    with suppress(OSError, smtplib.SMTPException):
        getattr(connection, "drop", connection.close)()
