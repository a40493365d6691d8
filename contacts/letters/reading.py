"""What a message says, as plain text and plain values, whatever a mail program made of it. No database."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from html.parser import HTMLParser
from typing import Any, Final

from imap_tools import MailMessage

from keywork.dates import london_date
from keywork.names import one_line

LONGEST_WORDS: Final = 20_000
# Where a mail server leaves the address that a hidden copy went to.
TO_HEADERS: Final = (
    "to",
    "cc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
)
PROGRAMS: Final = {"bulk", "list", "junk", "auto_reply", "auto-reply"}
BY_PROGRAMS: Final = ("x-autoreply", "x-autorespond", "x-auto-reply", "list-id", "list-unsubscribe", "x-loop")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_UNCLOSED = re.compile(r"<(?![^<>]*>)")
_ENHANCED = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Received:
    """One message. `sender` is "" where it names none, or more than one; `to` are all addresses it went to."""

    message_id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    words: str
    sent_on: date | None
    is_automatic: bool
    vouched_by: tuple[str, ...]  # Authentication-Results, the last server's first
    files: tuple[tuple[str, bytes], ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Returned:
    """A report that a letter could not be delivered: which, and the code that says why."""

    message_id: str
    code: str


def read(raw: bytes) -> Received:
    """Never fails for what a person can send: letters that cannot be known are a sign in their place."""
    message = MailMessage.from_bytes(raw)
    parsed: EmailMessage = message_from_bytes(raw, policy=policy.default)
    return Received(
        message_id=plain(str(parsed.get("message-id", ""))).strip() or hashlib.sha256(raw).hexdigest(),
        sender=_sender(parsed),
        to=tuple(dict.fromkeys(one for name in TO_HEADERS for one in _addresses(parsed, name))),
        subject=one_line(message.subject)[:200],
        words=_words(message)[:LONGEST_WORDS],
        sent_on=london_date(message.date) if message.date.tzinfo and message.date.year > 1970 else None,
        is_automatic=_is_automatic(parsed),
        vouched_by=tuple(str(one) for one in parsed.get_all("authentication-results", [])),
        files=tuple((one_line(one.filename)[:150] or "file", one.payload) for one in message.attachments),
    )


def returned(raw: bytes) -> Returned | None:
    """Of which letter this is the report that it was not delivered (RFC 3464); None for any other message."""
    parsed = message_from_bytes(raw, policy=policy.compat32)
    if parsed.get_content_type() != "multipart/report":
        return None
    status, message_id = "", ""
    for part in parsed.walk():
        if part.get_content_type() == "message/delivery-status":
            status += "".join(str(one) for one in part.get_payload()) if part.is_multipart() else ""
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            found = re.search(
                r"^message-id:\s*(<[^>\s]+>)",
                str(part.get_payload(0) if part.is_multipart() else part.get_payload()),
                re.I | re.M,
            )
            message_id = found[1] if found else message_id
    if "action: failed" not in status.lower() or not message_id:
        return None
    code = _ENHANCED.search(status)
    return Returned(plain(message_id), code[0] if code else "5.0.0")


def key_of(message_id: str, local: str) -> str:
    """One message to one address is one draft, however often it is read."""
    return hashlib.sha256(f"{message_id}\n{local}".encode()).hexdigest()


def addresses_in(text: str) -> set[str]:
    return {one.lower() for one in _ADDRESS.findall(text)}


def plain(text: str) -> str:
    """Without what no person types and no database keeps."""
    return _CONTROL.sub("", text)


def _sender(parsed: EmailMessage) -> str:
    """Whoever it says it is from, as long as every reader of that line finds the same one.

    Of "ann@school.example <else@where.example>" a mail server vouches for the second, and Python reads the first.
    """
    written = " ".join(str(value) for name, value in parsed.raw_items() if name.lower() == "from")
    named = {*_addresses(parsed, "from"), *addresses_in(written)}
    return named.pop() if len(named) == 1 else ""


def _addresses(parsed: EmailMessage, name: str) -> list[str]:
    try:
        values = [str(one) for one in parsed.get_all(name, [])]
    except (ValueError, LookupError, AttributeError, IndexError):  # a header that is none
        return []
    found = (address.strip().lower() for _, address in getaddresses(values))
    return list(dict.fromkeys(one for one in found if _ADDRESS.fullmatch(one)))


def _words(message: MailMessage) -> str:
    text = message.text if message.text.strip() else _text_of(message.html)
    lines = (line.rstrip() for line in plain(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_automatic(parsed: EmailMessage) -> bool:
    """Written by a program: an answer to it would go round for ever (RFC 3834)."""

    def said(name: str) -> str:
        return str(parsed.get(name, "")).strip().lower()

    return (
        said("auto-submitted") not in ("", "no")
        or said("precedence") in PROGRAMS
        or said("return-path") == "<>"
        or any(name in parsed for name in BY_PROGRAMS)
        or parsed.get_content_type() == "multipart/report"
    )


class _Text(HTMLParser):
    """The words of a page, a line for each block; nothing of styles, scripts and links."""

    HIDDEN = frozenset(("style", "script", "title", "template", "head"))
    BLOCKS = frozenset(
        (
            "p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6",
            "blockquote", "table", "ul", "ol", "hr",
        )
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag in self.HIDDEN
        if tag in self.BLOCKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden = max(0, self.hidden - (tag in self.HIDDEN))
        if tag in self.BLOCKS and tag != "br":
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.found.append(re.sub(r"\s+", " ", data))


def _text_of(html: str) -> str:
    reader = _Text()
    reader.feed(_closed(html))
    reader.close()
    return "\n".join(line.strip() for line in "".join(reader.found).split("\n"))


def _closed(html: str) -> str:
    """The page without comments, and with what opens like a tag and never closes as the letter that it is.

    HTMLParser reads on to the end from each of those: half a megabyte of them would take it an hour.
    """
    first, *rest = html.split("<!--")
    shown = "".join([first, *(one.partition("-->")[2] for one in rest)])
    return _UNCLOSED.sub("&lt;", shown)
