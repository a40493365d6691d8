"""Cards with which students sign in: given and ended by their keyworker, and printed."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from keywork import clock, school
from keywork.access import Can
from keywork.audit import exported, opened
from keywork.editing import press
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, attachment
from keywork.words import worded
from reports import rendering
from students.actions import codes as actions
from students.models import SignInCard, Student
from students.record import record_context

from ..squares import square


@permission_required(Can.GIVE_CARDS, GET_POST)
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


@permission_required(Can.GIVE_CARDS, POST)
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
