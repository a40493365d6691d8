"""The request of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from .form_drafts import FormDrafts
    from .models import User
    from .school import SchoolFacts


class SchoolRequest(HttpRequest):
    """What Keywork's middleware makes of a request before a view reads it; no request is made of this class."""

    user: User  # signed in: SignedInMiddleware leads everybody else away
    school: SchoolFacts  # SchoolMiddleware
    htmx: HtmxDetails
    form_drafts: FormDrafts  # questionnaires.editing, where a page has them


def attachment(content: bytes, content_type: str, filename: str) -> HttpResponse:
    """A file to be kept, never guessed at by the browser."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{filename}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
