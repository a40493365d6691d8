"""What a parent, carer or student sees, shown to who may share with them: their own page, drawn for a reader in their place.

It is read only: what leads on leads to another preview, and nothing can be sent. Each look is an opening of whoever looked.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.template.loader import render_to_string

from keywork.audit import opened
from keywork.http import SchoolRequest
from keywork.models import User
from keywork.reader import writing_to
from students.models import Student

HERE = "#main"
_LEADS = re.compile(r'\b(href|action)="(?!#|/static/)([^"]*)"')
_BUTTON = re.compile(r"<(button|input|select|textarea)\b")
_MAIN = re.compile(r'<main id="main"[^>]*>')
_BODY = re.compile(r"<body\b.*</body>", re.DOTALL)


def seen_by(
    request: SchoolRequest,
    reader: User,
    page: Callable[[SchoolRequest], HttpResponseBase],
    *,
    leads: Mapping[str, str],
    student: Student,
    what: str,
    **banner: object,
) -> HttpResponse:
    """`page` as `reader` gets it, with a banner of what this is (`templates/portal/_preview.html`).

    `leads`: addresses of theirs, and where each leads here. What the page writes, such as that it was read, is undone.
    """
    opened(request, student, "preview", f"what {reader.name} sees: {what}")
    theirs = copy.copy(request)
    theirs.user, theirs.previewed_by = reader, request.user
    theirs.GET, theirs.POST = QueryDict(), QueryDict()
    theirs.method = "GET"
    with transaction.atomic(), writing_to(reader):
        response = page(theirs)
        transaction.set_rollback(True)
    assert isinstance(response, HttpResponse)
    words = render_to_string("portal/_preview.html", {"reader": reader, "student": student, **banner})
    html = response.content.decode()
    response.content = _BODY.sub(lambda body: _still(body.group(), words, leads), html)
    return response


def _still(body: str, banner: str, leads: Mapping[str, str]) -> str:
    """Nothing leads on but to a preview, and nothing can be pressed, but for what stands in the banner."""
    still = _LEADS.sub(lambda one: f'{one[1]}="{leads.get(one[2], HERE)}"', body)
    still = _BUTTON.sub(r"<\1 disabled", still)
    return _MAIN.sub(lambda main: main.group() + banner, still, count=1)
