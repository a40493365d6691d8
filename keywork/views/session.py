"""The end of a session: how long until then, staying, signing out, and what the browser is told. And its language."""

from __future__ import annotations

from typing import Any

from allauth.account.views import logout
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from .. import pending
from ..actions.accounts import choose_language
from ..http import NotedRequest, SchoolRequest
from ..languages import LANGUAGES
from ..middleware import renew_session, seconds_left
from ..reader import KEPT


@login_not_required
def sign_out(request: SchoolRequest) -> HttpResponseBase:
    """allauth's signing out. Where nothing is left unsent, the browser forgets what it kept of Keywork.

    Not where a page says by the field `unsent` that it still holds something (keywork.js). Cookies stay: one knows
    this browser, another whose the pages are that are still open in it.
    """
    leaves = request.method == "POST" and request.user.is_authenticated
    clean = leaves and "unsent" not in request.POST and not pending.pending_submissions(request).exists()
    user_id = request.user.pk
    response = logout(request)
    if leaves and not request.user.is_authenticated:
        request.session[pending.LEFT] = str(user_id)
    if clean and response.status_code == 302:
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def session_left(request: SchoolRequest) -> HttpResponseBase:
    """Asked by keywork.js: seconds until the end, and whether one can stay. A POST stays."""
    if request.method == "POST":
        renew_session(request)
        if not request.accepts("application/json") or request.accepts("text/html"):
            return redirect("portal:home")
    seconds, may_stay = seconds_left(request)
    return JsonResponse({"left": seconds, "may_stay": may_stay})


@login_not_required
@require_POST
def language(request: NotedRequest) -> HttpResponse:
    """Keeps it and leads back to the page; what is no language of ours changes nothing."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = redirect(back if safe else "portal:home")
    chosen = request.POST.get("language", "")
    if chosen not in LANGUAGES:
        return response
    user: Any = request.user
    if user.is_authenticated:
        choose_language(language=chosen, by=user)
        request.session[KEPT] = chosen
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
