"""What is said where something broke: 503 while the database is gone, 500 for anything else.

Neither page needs the database, a session or a signed-in person, so that it can be said whatever broke.
"""

from __future__ import annotations

import sys
from typing import Any

import psycopg
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from .. import pending
from ..actions.drafts import NOT_TYPED
from ..editing import typed_in
from ..form_keys import key_of

# https://www.postgresql.org/docs/current/errcodes-appendix.html: the connection broke; no room or memory is left; the
# server stops or starts. Not 57014, a query that took too long: that is ours to mend.
GONE = ("08", "53", "57P")


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler of every error that nobody expected, wherever between request and view it rose."""
    context = {"sent": _sent(request), "path": request.get_full_path()}
    if is_gone(sys.exc_info()[1]):
        return HttpResponse(render_to_string("503.html", context), status=503, headers={"Retry-After": "10"})
    return HttpResponse(render_to_string("500.html", context), status=500)


def is_gone(error: BaseException | None) -> bool:
    """Whether the database went away, or was not there; an error that it found in what was asked is not that."""
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)):
            cause = error.__cause__
            state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
            if state is None or state.startswith(GONE):
                return True
        error = error.__cause__ or error.__context__
    return False


def _sent(request: HttpRequest) -> dict[str, Any] | None:
    """What was typed in one of our own pages, for that page to carry; passwords and codes are typed again."""
    try:
        key, name = key_of(request), resolve(request.path_info).url_name or ""
        posted, files = request.POST, bool(request.FILES)
    except (Resolver404, BadRequest, MultiPartParserError, SuspiciousOperation, UnreadablePostError):
        return None
    if key is None or name.startswith(pending.NEVER):
        return None
    fields = [[name, value] for name, values in posted.lists() for value in values]
    typed = [(name, value) for name, value in fields if name not in NOT_TYPED]
    return {"fields": fields, "written": typed_in(typed), "had_files": files}
