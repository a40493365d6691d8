"""What happens around every request: signed in or sent to sign in, the history context, the school."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pghistory.middleware
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from . import school


class SignedInMiddleware(LoginRequiredMiddleware):
    """Every view needs sign-in unless marked `login_not_required`.

    An htmx request gets `HX-Redirect`: a plain redirect would put the sign-in page into a card.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable) -> HttpResponseBase:
        response = super().handle_no_permission(request, view_func)
        if getattr(request, "htmx", False):
            return HttpResponse(status=200, headers={"HX-Redirect": response["Location"]})
        return response


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Row history carries who did it and by which request."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_context(request), "address": request.META.get("REMOTE_ADDR")}


class SchoolMiddleware:
    """`request.school`, read when first asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.school = SimpleLazyObject(school.load)  # type: ignore[attr-defined]
        return self.get_response(request)
