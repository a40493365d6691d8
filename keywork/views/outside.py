"""How somebody outside comes in: a link, a code, and nothing else of the school.

Whoever knows the address and the code comes in for two hours at a time; the cookie that says so belongs to one row
and one address. What opening the link alone shows is the question for the code: a mail scanner that follows links
opens nothing. A link that works no longer, was taken back, was used, or never was, answers the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from .. import outside
from ..http import SchoolRequest
from ..outside import Link, Outside
from ..outside_forms import CodeForm

STAYS_SECONDS = 2 * 60 * 60  # from the last time something was sent


def is_in(kind: Outside, request: SchoolRequest, row: Link) -> bool:
    request.POST  # noqa: B018  what is sent is read to its end, or the server drops the line without an answer
    found = request.get_signed_cookie(kind.cookie, default=None, salt=_salt(kind, row), max_age=STAYS_SECONDS)
    return found == str(row.pk)


def stay(kind: Outside, response: HttpResponse, request: SchoolRequest, row: Link) -> HttpResponse:
    response.set_signed_cookie(
        kind.cookie,
        str(row.pk),
        salt=_salt(kind, row),
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # the link is opened from a mail: then "Strict" would ask for the code each time
    )
    return response


def _salt(kind: Outside, row: Link) -> str:
    """A new code, or a new link, makes what is in the browser worth nothing."""
    return f"{kind.cookie}.{row.pk}.{row.code_digest}.{row.link_digest}"


def wait(request: SchoolRequest, key: str = "") -> HttpResponse | None:
    """The answer to whoever tries codes or addresses too often: looking at one is a try, too.

    `key` is an address that is right: the limit is its own, as a whole school opens theirs from one place.
    """
    action = "outside_known" if key else "outside"
    if ratelimit.consume(request, app="allauth.account", action=action, key=key or None, limit_get=True):
        return None
    return render(request, "outside/wait.html", status=429)


def ask_code(
    kind: Outside,
    request: SchoolRequest,
    row: Any,
    *,
    heading: str,
    opens: Callable[[str], bool],
    works: Callable[[], bool],
    gone: Callable[[], HttpResponse],
) -> HttpResponse:
    """The question for the code, and what became of it. `opens` tries one; `gone` answers once it no longer `works`."""
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        right = opens(form.cleaned_data["code"])
        row.refresh_from_db()
        if right:
            # Not to a page of its own: reloaded, this address is what the code opens.
            return stay(kind, HttpResponseRedirect(request.path), request, row)
        left = outside.MOST_TRIES - row.tries
        if not works():
            return gone()
        tries = "1 try" if left == 1 else f"{left} tries"
        form.add_error("code", f"This is not the code. You have {tries} left; then the link is closed")
    status = 422 if form.errors else 200
    return render(request, "outside/code.html", {"form": form, "heading": heading}, status=status)


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Kept nowhere, found by no search engine, told to no other site; and no log is given the address."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would write the path beside a 4xx
    return response
