"""Where a form of the log posts to, and where it leads afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from keywork.http import SchoolRequest


@dataclass(frozen=True, slots=True)
class Places:
    """`next` and `card` come from the reader's browser and are only ever addresses of this site."""

    here: str
    draft: str
    next: str
    card: str = ""

    @classmethod
    def of(cls, request: SchoolRequest, *, student_id: int, draft_form: str) -> Places:
        return cls(
            here=request.path,
            draft=reverse("keywork:draft", args=[student_id, draft_form]),
            next=asked_for(request, "next") or reverse("students:record", args=[student_id]),
            card=asked_for(request, "card", under="/today/"),
        )


def asked_for(request: SchoolRequest, name: str, under: str = "/") -> str:
    """The address of this site given as `name` in the form or the query, or ""."""
    given = request.POST.get(name) or request.GET.get(name) or ""
    safe = url_has_allowed_host_and_scheme(given, allowed_hosts=None, require_https=request.is_secure())
    return given if safe and given.startswith(under) and not given.startswith("//") else ""


def leave(request: SchoolRequest, url: str) -> HttpResponse:
    """Go there: as a redirect, or as htmx understands it."""
    if is_fragment(request):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def is_fragment(request: SchoolRequest) -> bool:
    """Asked for by htmx for a part of a page (a boosted link wants the whole page)."""
    return bool(request.htmx) and not request.htmx.boosted
