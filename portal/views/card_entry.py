"""The sign-in page of students who have a card."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.decorators import rate_limit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from keywork import known_browser
from keywork.http import SchoolRequest, posted
from keywork.models import User
from students.actions import codes as actions

from ..forms.cards import CardForm

NOT_RIGHT = "The name or the code is not right. Look at your card again, or ask your keyworker."
TOO_MANY = "Too many tries. Wait five minutes, or ask your keyworker."


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@rate_limit(action="card")
def sign_in(request: SchoolRequest) -> HttpResponse:
    """Signing in with a card."""
    if request.user.is_authenticated:
        return redirect("portal:home")
    name = request.GET.get("name", "")[:30]
    form = CardForm(posted(request), initial={"username": name})
    if form.is_bound and form.is_valid():
        found = _whose(request, **form.cleaned_data)
        if isinstance(found, User):
            record_authentication(request, found, method="card")
            response = perform_login(request, Login(user=found, redirect_url=get_next_redirect_url(request)))
            known_browser.remember(request, response, form.cleaned_data["username"])
            return response
        form.add_error(None, found)
    form.helper.form_action = request.get_full_path()
    context = {"form": form, "other_way": reverse("account_login"), "gentle": True}
    return render(request, "account/card.html", context, status=form.status)


def _whose(request: SchoolRequest, username: str, code: str) -> User | str:
    """The student, or why not: the same words for a wrong name, a wrong code, an ended card and a closed account."""
    name = username.strip().lower()
    limit: Any = {"app": "allauth.account", "action": "card_failed"}
    usage = ratelimit.consume(request, **limit, key=f"{name}:{known_browser.token(request, name)}")
    if not usage:
        return TOO_MANY
    user = actions.whose_card(name, code)
    if user is None:
        return NOT_RIGHT
    usage.rollback()
    return user
