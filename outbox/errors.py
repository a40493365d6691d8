"""What went wrong, in a sentence for the administrator. The text of an exception may hold a name: it is never kept."""

from __future__ import annotations

import errno
import smtplib
import traceback
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from .kinds import NotDone
from .smtp import AcceptanceUnknown

NO_ADDRESS = "This is no address that mail can be sent to"
NO_MAILBOX = "There is no such mailbox"


def in_words(error: BaseException) -> str:
    """Why it did not work, without full stop."""
    if isinstance(error, NotDone):
        return str(error).rstrip(".")
    if isinstance(error, AcceptanceUnknown):
        return "The mail server broke off before it said whether it had taken the letter"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server does not accept the name and password that Keywork signs in with"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server answered with an error (code {error.smtp_code})"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "The mail server cannot do what Keywork’s settings ask of it"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "The mail server did not answer in time" if timed_out(error) else "The mail server broke off"
    if isinstance(error, smtplib.SMTPException):
        return "The mail server answered with an error"
    if isinstance(error, DatabaseError | InterfaceError):
        return "The database gave an error"
    if isinstance(error, MemoryError):
        return "There was not enough memory"
    if timed_out(error):
        return "The server did not answer in time"
    if isinstance(error, ConnectionError):
        return "The server could not be reached"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full"
    if isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "The file could not be written: the directory is not writable"
    if isinstance(error, OSError):
        return "The server could not be reached, or a file not read or written"
    return f"It stopped with an error ({type(error).__name__})"


def timed_out(error: BaseException) -> bool:
    """Did the other side not answer in time? smtplib says so only beneath."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def where(error: BaseException) -> str:
    """For whoever mends it: the kind of error and the place in the code, and no value."""
    places = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(settings.BASE_DIR) and "site-packages" not in frame.filename
    ]
    if not places:
        return type(error).__name__
    last = places[-1]
    name = Path(last.filename).relative_to(settings.BASE_DIR)
    return f"{type(error).__name__} in {name}, line {last.lineno}, {last.name}"


def refusal(code: int, answer: bytes | str) -> str:
    """Why a server refused one address or letter for good, by its code and enhanced code (RFC 3463)."""
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    enhanced = words.split(" ")[0]
    if enhanced == "5.2.2" or code == 552:
        return "The mailbox is full"
    if enhanced.startswith("5.7"):
        return f"Their mail server does not take mail from Keywork (code {code})"
    if enhanced.startswith("5.1") or (code in (550, 551, 553) and not enhanced.startswith("5.")):
        return NO_MAILBOX
    return f"Their mail server refused it (code {code})"
