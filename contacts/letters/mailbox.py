"""The mailbox that staff send copies to, read by IMAP: each message is handled, and only then taken out of it.

Handled and not yet taken out, after a kill, it is known by its key (contacts.letters.receiving) and taken out the next
time; not yet handled, it is still there.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import DataError, Error
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from . import receiving

logger = logging.getLogger(__name__)

ASIDE: Final = "Keywork-aside"  # for the administrator of the mailbox
AT_ONCE: Final = 200
SECONDS: Final = 30


def opened() -> BaseMailBox:
    """The mailbox of LOG_MAIL_URL: imaps://user:password@host/INBOX, or imap+tls://…; plain imap:// on this computer alone."""
    url = urlsplit(settings.LOG_MAIL_URL)
    given: dict[str, Any] = {"host": url.hostname or "", "timeout": SECONDS}
    if url.port:
        given["port"] = url.port
    if url.scheme == "imap":
        if url.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise ValueError("A mailbox elsewhere is read over TLS: imaps:// or imap+tls://")
        box: BaseMailBox = MailBoxUnencrypted(**given)
    elif url.scheme == "imap+tls":
        box = MailBoxStartTls(**given, ssl_context=ssl.create_default_context())
    else:
        box = MailBox(**given, ssl_context=ssl.create_default_context())
    box.login(unquote(url.username or ""), unquote(url.password or ""), url.path.strip("/") or "INBOX")
    return box


def read() -> Iterator[None]:
    """Everything that is there; a `yield` after each message that is done for good."""
    with opened() as box:
        for uid in box.uids()[:AT_ONCE]:
            raw = _raw(box, uid)
            if raw is None:
                continue
            if _take(raw):
                if not box.folder.exists(ASIDE):
                    box.folder.create(ASIDE)
                box.move([uid], ASIDE)
            else:
                box.delete([uid])
            yield


def _raw(box: BaseMailBox, uid: str) -> bytes | None:
    """The message as it came; None where somebody has taken it out meanwhile."""
    _, found = box.client.uid("fetch", uid, "(BODY.PEEK[])")
    return next((part[1] for part in found if isinstance(part, tuple)), None)


def _take(raw: bytes) -> bool:
    try:
        return receiving.take(raw)
    except DataError as error:  # the message, not the database: what it says cannot be kept
        return _set_aside(raw, error)
    except (Error, OSError):  # the database or the files, not the message: it is tried again
        raise
    except Exception as error:  # noqa: BLE001  one message that nobody can read does not stop all others
        return _set_aside(raw, error)


def _set_aside(raw: bytes, error: Exception) -> bool:
    logger.warning("A message could not be read (%s).", type(error).__name__)
    receiving.set_aside(raw)
    return True
