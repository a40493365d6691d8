"""Signing out, and what the browser is told then."""

from __future__ import annotations

from allauth.account.views import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase

from .. import held


@login_not_required
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """allauth's signing out. Where nothing is left unsent, the browser forgets what it kept of Keywork.

    A session that ran out does not: what was typed in it must survive (keywork.held). Nor does a page that says
    by the field `unsent` that it still holds something (keywork.js). Cookies stay: one knows this browser.
    """
    leaves = request.method == "POST" and request.user.is_authenticated
    clean = leaves and held.HELD not in request.session and "unsent" not in request.POST
    response = logout(request)
    if clean and response.status_code == 302:
        response["Clear-Site-Data"] = '"cache", "storage"'
    return response
