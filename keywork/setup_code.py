"""The code with which the first administrator says that they may look at the server: printed there, asked for once.

It follows from KEYWORK_SECRET_KEY, so every process and every computer of an installation knows the same, and it works
only while there is no administrator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings
from django.utils.crypto import constant_time_compare

LENGTH = 12


def setup_code() -> str:
    """Sixty bits, in groups to be typed: "K7QM-92XD-4TFA"."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"keywork first administrator", hashlib.sha256).digest()
    code = base64.b32encode(digest).decode()[:LENGTH]
    return "-".join(code[n : n + 4] for n in range(0, LENGTH, 4))


def is_setup_code(typed: str) -> bool:
    """However it is grouped and whether its letters are small."""
    plain = "".join(one for one in typed.upper() if one.isalnum())
    return constant_time_compare(plain, setup_code().replace("-", ""))
