"""What a parent, carer or student sees, shown to who may share with them: their own page, drawn for a reader in their place.

It is read only: nothing on it leads anywhere, and nothing can be sent. Each look is an opening of whoever looked.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.template.loader import render_to_string

from keywork.http import SchoolRequest
from keywork.models import User
from keywork.reader import writing_to

HERE = "#main"
_LEADS = re.compile(rb'\b(href|action)="(?!#|/static/)[^"]*"')
_BUTTON = re.compile(rb"<(button|input|select|textarea)\b")
_MAIN = re.compile(rb'<main id="main"[^>]*>')
_BODY = re.compile(rb"<body\b.*</body>", re.DOTALL)


def seen_by(
    request: SchoolRequest, reader: User, page: Callable[[SchoolRequest], HttpResponseBase], **banner: object
) -> HttpResponse:
    """`page` as `reader` gets it, with a banner of what this is (`templates/portal/_preview.html`)."""
    theirs = copy.copy(request)
    theirs.user, theirs.previewed_by = reader, request.user
    theirs.GET, theirs.POST = QueryDict(), QueryDict()
    with writing_to(reader):
        response = page(theirs)
    assert isinstance(response, HttpResponse)
    words = render_to_string("portal/_preview.html", {"reader": reader, **banner}).encode()
    response.content = _BODY.sub(lambda body: _still(body.group(), words), response.content)
    return response


def _still(body: bytes, banner: bytes) -> bytes:
    """Nothing leads on and nothing can be pressed, but for what stands in the banner."""
    still = _LEADS.sub(rb'\1="' + HERE.encode() + rb'"', body)
    still = _BUTTON.sub(rb"<\1 disabled", still)
    return _MAIN.sub(lambda main: main.group() + banner, still, count=1)
