"""How much may be sent to Keywork: refused before a byte of it is read, or put into a temporary file.

docs/deploy/Caddyfile says the same in front of it.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from . import pending
from .form_keys import FIELD, key_in
from .http import Middleware

HEAD_BYTES = 4096
KEY = re.compile(
    rb'(?:name="%(name)s"\r\n\r\n|(?:^|&)%(name)s=)([^\r\n&]{1,200})' % {b"name": FIELD.encode()}
)


class BodySizeMiddleware(Middleware):
    """BODY_MAX_BYTES for who is signed in, BODY_MAX_BYTES_SIGNED_OUT for everybody else: 413.

    A body whose length is not said (`Transfer-Encoding: chunked`) is not taken at all: 411. No browser sends a
    form so, and Django would read it as an empty one. Somebody whose session has just ended counts as signed in, and
    so does who sends a form with one of our keys (`keywork.open_forms`): what they typed is held for them
    (`keywork.pending`). The key stands first in a form, so no more than its beginning is read for that.
    """

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
        theirs = SESSION_KEY in request.session or pending.owner_of(request) is not None
        if theirs or (_needs_sign_in(request.path_info) and _has_key(request)):
            return settings.BODY_MAX_BYTES
        return settings.BODY_MAX_BYTES_SIGNED_OUT


def _has_key(request: HttpRequest) -> bool:
    stream: Any = request
    head = stream._stream.read(HEAD_BYTES)
    stream._stream = _Whole(head, stream._stream)
    found = KEY.search(head)
    return found is not None and key_in(unquote(found[1].decode(errors="replace"))) is not None


class _Whole:
    """A body whose beginning was read already, from its beginning."""

    def __init__(self, head: bytes, rest: Any) -> None:
        self.head, self.rest = BytesIO(head), rest

    def read(self, size: int | None = None) -> bytes:
        found = self.head.read(size)
        return found + self.rest.read(None if size is None else size - len(found))

    def readline(self, size: int | None = None) -> bytes:
        found = self.head.readline(size)
        return found if found.endswith(b"\n") or len(found) == size else found + self.rest.readline(size)


def _needs_sign_in(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "login_required", True)
    except Resolver404:
        return False
