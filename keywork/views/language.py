"""Choosing a language: in a browser before sign-in, and for oneself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ..actions.accounts import choose_language
from ..http import NotedRequest
from ..languages import LANGUAGES
from ..reader import KEPT


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
