"""Which addresses were signed in with from this browser, in a signed cookie that outlives the session.

It opens nothing: it only counts this browser's wrong passwords apart from everybody else's.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

COOKIE = "keywork_browser"
AGE = timedelta(days=180)
PEOPLE = 8  # a shared computer of a classroom; who signed in longest ago is forgotten first


def _mark(address: str) -> str:
    """The cookie names nobody: an address stands in it as its keyed digest."""
    return salted_hmac(COOKIE, address.strip().lower()).hexdigest()[:16]


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=AGE)
    except signing.BadSignature:
        return {"token": get_random_string(16), "people": []}


def token(request: HttpRequest, address: str) -> str:
    """What tells this browser from others, where `address` was signed in with before; "" elsewhere."""
    known = _read(request)
    return known["token"] if _mark(address) in known["people"] else ""


def remember(request: HttpRequest, response: HttpResponse, address: str) -> None:
    """Keep in the browser that `address` was signed in with from here."""
    known, mark = _read(request), _mark(address)
    known["people"] = [*[one for one in known["people"] if one != mark], mark][-PEOPLE:]
    response.set_cookie(
        COOKIE,
        signing.dumps(known, salt=COOKIE),
        max_age=AGE,
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
