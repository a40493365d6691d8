"""Days away of any member of staff, recorded by who runs the school: a keyworker who is ill cannot say so themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from keywork import clock
from keywork.access import Can
from keywork.account_forms import StaffAwayForm
from keywork.actions import accounts as actions
from keywork.editing import save
from keywork.guards import GET_POST, POST, permission_required
from keywork.http import SchoolRequest, posted
from keywork.models import StaffAbsence

from ..sharing import covered_words


@permission_required(Can.RECORD_STAFF_ABSENCE, GET_POST)
def staff_away(request: SchoolRequest) -> HttpResponse:
    """Everyone who is or will be away, and a form for one more."""
    form = StaffAwayForm(posted(request))

    def add() -> StaffAbsence:
        given: dict[str, Any] = dict(form.cleaned_data)
        return actions.add_absence(user=given.pop("person"), **given, by=request.user)

    absence = save(request, form, add)
    if absence is not None:
        words = f"Saved. {absence.user.name} is down as away, and deputies see it on Today."
        messages.success(request, words)
        return redirect("portal:staff_away")
    absences = StaffAbsence.objects.filter(ends_on__gte=clock.today(), user__is_active=True)
    context = {
        "form": form,
        "absences": absences.select_related("user", "recorded_by").order_by("starts_on", "user__in_order"),
        "today": clock.today(),
    }
    return render(request, "portal/staff_away.html", context, status=form.status)


@permission_required(Can.RECORD_STAFF_ABSENCE, POST)
def staff_back(request: SchoolRequest, pk: int) -> HttpResponse:
    """Take days away back; the person is down as at school on them."""
    absence = get_object_or_404(StaffAbsence.objects.select_related("user"), pk=pk)
    actions.remove_absence(absence=absence, by=request.user)
    words = f"Removed. {absence.user.name} is down as at school on those days."
    messages.success(request, f"{words}{covered_words(absence.user)}")
    return redirect("portal:staff_away")
