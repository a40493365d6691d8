"""The request of a view, and what middleware begins with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils.http import content_disposition_header

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile
    from django_htmx.middleware import HtmxDetails

    from .form_drafts import FormDrafts
    from .models import PendingSubmission, User
    from .school import SchoolFacts


POLL_HEADER = "X-Keywork-Poll"  # a page that looks again by itself: nobody may be sitting there


class NotedRequest(HttpRequest):
    """What our middleware and Django's note on a request of anybody, for what comes later; none is made of this class.

    But for the first two, each is there only where it was noted.
    """

    school: SchoolFacts  # SchoolMiddleware
    htmx: HtmxDetails
    signed_out_user: str  # whose session ended by this very request (keywork.pending)
    last_seen: int  # and until when it was in use, seconds since the epoch
    needs_second_step: bool  # templates/mfa/index.html says why they are there
    sent_again: list[PendingSubmission]  # what this request sends again
    keeps_waiting: bool  # and that nothing of it was saved
    reached_view: bool  # no middleware answered in the place of the view
    previewed_by: User  # portal.views.preview: who looks, where `user` is whose page it is
    form_leads_to: str  # keywork.open_forms.done
    form_said: str


class SchoolRequest(NotedRequest):
    """What a view reads that is for the signed-in."""

    user: User  # SignedInMiddleware leads everybody else away
    form_drafts: FormDrafts  # of a page that keeps what is typed (keywork.form_drafts.keeps_typed)


class Middleware:
    def __init__(self, get_response: Callable[[Any], HttpResponseBase]) -> None:
        self.get_response = get_response


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing while its page is only looked at."""
    return request.POST if request.method == "POST" else None


def is_by_itself(request: HttpRequest) -> bool:
    """Did a page ask or save this by itself (static/keywork.js, autosave.js)? Nobody looks at what a redirect leads to."""
    return POLL_HEADER in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest"


def page_before(request: HttpRequest) -> str:
    """The page of ours from which a form was sent; "" where that is not known."""
    page = urlsplit(request.META.get("HTTP_REFERER", "") if request.method == "POST" else "")
    with suppress(DisallowedHost):  # a refused request has a page, too
        if page.path and page.netloc == request.get_host():
            return page._replace(scheme="", netloc="", fragment="").geturl()
    return ""


SANDBOX = {"Content-Security-Policy": "sandbox; default-src 'none'"}


def stored(file: FieldFile, content_type: str, name: str, *, to_keep: bool = False) -> FileResponse:
    """A file of ours, never guessed at by the browser and never run, to be kept or shown. Raises Http404."""
    if not file or not file.storage.exists(str(file.name)):
        raise Http404
    return FileResponse(
        file.open("rb"),
        content_type=content_type,
        as_attachment=to_keep,
        filename=f"{name}.{str(file.name).rpartition('.')[2]}",
        headers=SANDBOX,
    )


def attachment(content: bytes, content_type: str, filename: str) -> HttpResponse:
    """A file to be kept, never guessed at by the browser."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": str(content_disposition_header(True, filename))},
    )
