"""One's own page: how one is reached, the password, the second step, and days away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render

from contacts.actions.digest import choose_digest
from contacts.models import DigestChoice
from keywork import clock, pending
from keywork.access import Can, has_capability
from keywork.account_forms import AwayForm, MyDetailsForm
from keywork.actions import accounts as actions
from keywork.editing import save, typed_in
from keywork.guards import POST, permission_required
from keywork.http import SchoolRequest
from keywork.models import StaffAbsence, User
from keywork.signin import has_emailed_code, has_second_step
from keywork.words import worded

from ..account_list import role_names
from ..forms.own_choices import DigestForm
from ..unsent import page_words


@permission_required(Can.MANAGE_OWN_ACCOUNT)
def me(request: SchoolRequest) -> HttpResponse:
    """Staff also say here how families reach them."""
    if request.method == "POST":
        if not request.user.is_school_staff:
            return HttpResponseNotAllowed(["GET"])
        form = MyDetailsForm(request.POST, user=request.user)
        if save(request, form, lambda: actions.change_own_details(**form.details(), by=request.user)):
            messages.success(request, worded("Saved. Families of your students see it."))
            return redirect("portal:me")
        return _show(request, {"form": form}, status=form.status)
    return _show(request, {})


@permission_required(Can.USE_TODAY, POST)
def digest(request: SchoolRequest) -> HttpResponse:
    """What one is told of by e-mail."""
    form = DigestForm(request.POST, choice=_choice(request.user))
    if save(request, form, lambda: choose_digest(**form.chosen(), by=request.user)) is not None:
        messages.success(request, "Saved. It holds from the next e-mail on.")
        return redirect("portal:me")
    return _show(request, {"digest_form": form}, status=form.status)


@permission_required(Can.RECORD_OWN_ABSENCE, POST)
def away(request: SchoolRequest) -> HttpResponse:
    form = AwayForm(request.POST)
    if save(request, form, lambda: actions.add_absence(**form.cleaned_data, by=request.user)) is not None:
        messages.success(request, "Saved. You are down as away on those days.")
        return redirect("portal:me")
    return _show(request, {"away_form": form}, status=422)


@permission_required(Can.RECORD_OWN_ABSENCE, POST)
def back(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take back days away that one has said oneself."""
    absence = get_object_or_404(StaffAbsence, user=request.user, pk=pk)
    actions.remove_absence(absence=absence, by=request.user)
    messages.success(request, "Removed. You are down as at school on those days.")
    return redirect("portal:me")


@permission_required(Can.MANAGE_OWN_ACCOUNT)
def unsent(request: SchoolRequest) -> HttpResponse:
    """What one sent after the session had ended: each to be sent now, or thrown away."""
    if request.method == "POST":  # `pending` names one
        if "pending" in request.POST:
            pending.settle(request)
            messages.info(request, "It is thrown away.")
        return redirect("portal:unsent" if pending.pending_submissions(request).exists() else "portal:home")
    waiting: list[Any] = list(pending.pending_submissions(request))
    if not waiting:
        return redirect("portal:home")
    for one in waiting:
        one.written, one.page = typed_in(one.fields), page_words(one, request.user)
    return render(
        request, "portal/unsent.html", {"waiting": waiting, "only": waiting[0] if len(waiting) == 1 else None}
    )


def _choice(user: User) -> DigestChoice | None:
    return DigestChoice.objects.filter(user=user).first()


def _show(request: SchoolRequest, forms: dict[str, Any], status: int = 200) -> HttpResponse:
    user = request.user
    context: dict[str, Any] = {
        "roles": role_names(user),
        "second_step": has_second_step(user) or has_emailed_code(user),
    }
    if user.is_school_staff:
        context["form"] = MyDetailsForm(user=user)
    if has_capability(user, Can.USE_TODAY):
        context["digest_form"] = DigestForm(choice=_choice(user))
    if has_capability(user, Can.RECORD_OWN_ABSENCE):
        context["away_form"] = AwayForm()
        context["absences"] = list(user.absences.filter(ends_on__gte=clock.today()).order_by("starts_on"))
    return render(request, "portal/me.html", {**context, **forms}, status=status)
