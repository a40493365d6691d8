"""Codes that are printed on paper or on a terminal and typed once. None is stored: each follows from what it is for and
from KEYWORK_SECRET_KEY, so that every process of an installation knows the same."""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings
from django.utils.crypto import constant_time_compare

LENGTH = 12
# The alphabet has no nought and no one: who types them has read letters.
MISREAD = str.maketrans("01", "OI")


def printed_code(purpose: str, length: int = LENGTH) -> str:
    """Five bits a sign, in groups to be typed: "K7QM-92XD-4TFA"."""
    digest = hmac.new(settings.SECRET_KEY.encode(), purpose.encode(), hashlib.sha256).digest()
    code = base64.b32encode(digest).decode()[:length]
    return "-".join(code[n : n + 4] for n in range(0, length, 4))


def emailed_code(nonce: str) -> str:
    """The eight digits that go by e-mail to whoever signs in: "4821-0937". A queue holds the nonce and no code."""
    digest = hmac.new(
        settings.SECRET_KEY.encode(), f"keywork sign-in {nonce}".encode(), hashlib.sha256
    ).digest()
    digits = f"{int.from_bytes(digest) % 10**8:08}"
    return f"{digits[:4]}-{digits[4:]}"


def is_code(typed: str, code: str) -> bool:
    """However it is grouped, and whether its letters are small."""
    plain = "".join(one for one in typed.upper() if one.isalnum()).translate(MISREAD)
    return constant_time_compare(plain, code.replace("-", ""))


def setup_code() -> str:
    """With which the first administrator says that they may look at the server; asked for until there is one."""
    return printed_code("keywork first administrator")
