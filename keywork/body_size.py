"""How much may be sent to Keywork: refused before a byte of it is read, or put into a temporary file.

docs/deploy/Caddyfile says the same in front of it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from . import held


class BodySizeMiddleware:
    """BODY_MAX_BYTES for who is signed in, BODY_MAX_BYTES_SIGNED_OUT for everybody else: 413.

    A body whose length is not said (`Transfer-Encoding: chunked`) is not taken at all: 411. No browser sends a
    form so, and Django would read it as an empty one. Somebody whose session has just ended counts as signed in:
    what they typed is held for them (`keywork.held`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            return render(request, "413.html", {"without_length": True}, status=411)
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0  # as Django reads it
        if length > settings.BODY_MAX_BYTES_SIGNED_OUT and length > self._limit(request):
            signed_out = length <= settings.BODY_MAX_BYTES and _needs_sign_in(request.path_info)
            return render(request, "413.html", {"signed_out": signed_out}, status=413)
        return self.get_response(request)

    def _limit(self, request: HttpRequest) -> int:
        theirs = SESSION_KEY in request.session or held.owner_of(request) is not None
        return settings.BODY_MAX_BYTES if theirs else settings.BODY_MAX_BYTES_SIGNED_OUT


def _needs_sign_in(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "login_required", True)
    except Resolver404:
        return False
