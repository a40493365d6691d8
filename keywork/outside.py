"""Somebody outside has no account: a link that ends by itself goes to them by mail, a code told another way.

One mechanism for whatever they are sent: what they are asked (enquiries), a report (reports). A row keeps digests of link
and code, and a seed that makes the link with the secret key alone. The pages are in keywork.views.outside.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, Protocol

from django.utils.crypto import constant_time_compare, salted_hmac

from . import clock
from .dates import overdue_from

Standing = Literal["works", "ended", "closed"]

LINK_DAYS: Final = (7, 14, 28)
USUAL_LINK_DAYS: Final = 14
MOST_TRIES: Final = 5  # wrong codes; then the link is closed until a new code is made
CODE_DIGITS: Final = 6


class Link(Protocol):
    """The fields of a row that somebody outside opens."""

    pk: Any
    expires_at: Any
    link_seed: Any
    link_digest: Any
    code_digest: Any
    tries: Any

    def save(self, *, update_fields: list[str]) -> None: ...


def standing(*, expires_at: datetime | None, tries: int, now: datetime) -> Standing:
    """The link works up to the instant it expires and not at it; None never ends by itself."""
    if expires_at is not None and now >= expires_at:
        return "ended"
    return "closed" if tries >= MOST_TRIES else "works"


def digest(token: str) -> str:
    """What is kept of a link: enough to know it again, and not to make it."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outside:
    """What one kind of link is made with: nothing made for one kind opens another."""

    name: str  # "reports.outside"
    cookie: str

    def token(self, seed: str) -> str:
        """The secret of a link from the seed its row keeps: nobody makes it who has not the secret key as well."""
        return salted_hmac(f"{self.name}.link", seed, algorithm="sha256").hexdigest()

    def new_address(self, row: Link) -> None:
        """Another link; the one before is dead from the moment the row is saved."""
        row.link_seed = secrets.token_urlsafe(32)
        row.link_digest = digest(self.token(row.link_seed))

    def new_code(self, row: Link) -> str:
        """Another code, kept nowhere, which only the caller ever sees; whoever came in with the old one is out."""
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        row.code_digest, row.tries = self._salted(code), 0
        return code

    def lasts(self, row: Link, days: int) -> date:
        """From today on, to the end of the day that is given back."""
        last_day = clock.today() + timedelta(days=days)
        row.expires_at = overdue_from(last_day)
        return last_day

    def try_code(self, row: Link, code: str) -> bool:
        """Is this the code? A wrong one is counted, and the last one allowed closes the link. The row is locked."""
        if self._opens(row.code_digest, _digits(code)):
            return True
        row.tries += 1
        row.save(update_fields=["tries"])
        return False

    def _salted(self, code: str) -> str:
        """Salt and a keyed digest: a million codes are soon tried, but not without the secret key."""
        salt = secrets.token_hex(8)
        return f"{salt}${self._keyed(salt, code)}"

    def _opens(self, salted: str, code: str) -> bool:
        salt, _, kept = salted.partition("$")
        return constant_time_compare(kept, self._keyed(salt, code))

    def _keyed(self, salt: str, code: str) -> str:
        return salted_hmac(f"{self.name}.code.{salt}", code, algorithm="sha256").hexdigest()


def _digits(typed: str) -> str:
    """Without spaces, and the digits of any script as ours."""
    return "".join(str(unicodedata.digit(one, one)) for one in typed if not one.isspace())
