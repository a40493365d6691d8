"""Cards with which students sign in: given and ended by their keyworker, printed, and the door they open."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.core.internal import ratelimit
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from keywork import clock, known_browser, school
from keywork.access import Can
from keywork.audit import exported, opened
from keywork.editing import press
from keywork.guards import get_visible_or_404, permission_required
from keywork.http import SchoolRequest, attachment
from keywork.models import User
from keywork.words import worded
from reports import rendering
from students.actions import sign_in_cards as actions
from students.models import SignInCard, Student
from students.record import record_context

from ..forms.cards import CardForm
from ..squares import square

NOT_RIGHT = "The name or the code is not right. Look at your card again, or ask your keyworker."
TOO_MANY = "Too many tries. Wait five minutes, or ask your keyworker."


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Can.GIVE_CARDS)
def card(request: SchoolRequest, pk: int) -> HttpResponse:
    """Whether the student has a card, and a new one: the one before opens nothing then."""
    student = get_visible_or_404(Student.objects.all(), request, Can.GIVE_CARDS, pk=pk)
    if request.method == "POST":
        said = "The card is made. Print it, and give it to nobody else."
        press(request, lambda: actions.give_card(student=student, by=request.user), said)
        return redirect("portal:sign_in_card", pk)
    opened(request, student, "sign-in card")
    cards = SignInCard.objects.filter(student=student).select_related("made_by", "ended_by")
    context = record_context(request, student, "people") | {
        "card": next((one for one in cards if one.ended_at is None), None),
        "before": [one for one in cards if one.ended_at is not None],
        "account": student.user,
    }
    return render(request, "portal/sign_in_card.html", context)


@require_POST
@permission_required(Can.GIVE_CARDS)
def end(request: SchoolRequest, pk: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.GIVE_CARDS, pk=pk)
    actions.end_card(student=student, by=request.user)
    messages.success(request, "The card opens nothing any more.")
    return redirect("portal:sign_in_card", pk)


@require_GET
@permission_required(Can.GIVE_CARDS)
def paper(request: SchoolRequest, pk: int) -> HttpResponse:
    """The card to be cut out. Printed twice, it is the same."""
    student = get_visible_or_404(Student.objects.all(), request, Can.GIVE_CARDS, pk=pk)
    one = get_object_or_404(student.sign_in_cards.valid())
    exported(request, [student.pk], worded("sign-in card"))
    address = settings.BASE_URL.rstrip("/") + reverse("account_card")
    context = {
        "card": one,
        "student": student,
        "address": address,
        "square": square(f"{address}?{urlencode({'name': one.username})}"),
        "school": school.load(),
        "today": clock.today(),
    }
    made = rendering.pdf(rendering.page("portal/sign_in_card_paper.html", context))
    return attachment(made.content, "application/pdf", f"card-{one.username}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@rate_limit(action="card")
def sign_in(request: SchoolRequest) -> HttpResponse:
    """The door for whoever has a card."""
    if request.user.is_authenticated:
        return redirect("portal:home")
    name = request.GET.get("name", "")[:30]
    form = CardForm(request.POST if request.method == "POST" else None, initial={"username": name})
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
