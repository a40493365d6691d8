"""Holds on contact with one student's home: placing, listing, ending early (C12)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import press, save
from keywork.guards import POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from students.models import Student

from ..actions.holds import end_hold, place_hold
from ..forms.other import HoldForm
from ..models import ContactHold


@permission_required(Can.PLACE_HOLD)
def holds(request: SchoolRequest, student_id: int) -> HttpResponse:
    student = get_visible_or_404(Student.objects.all(), request, Can.PLACE_HOLD, pk=student_id)
    today = clock.today()
    form = HoldForm(posted(request), initial={"starts_on": today})
    placed = save(request, form, lambda: place_hold(by=request.user, student=student, **form.cleaned_data))
    if placed is not None:
        messages.success(
            request,
            f"Hold placed. {student.known_as}’s home contact clock stands still on these days. "
            "What Keywork has to tell home waits until they are over.",
        )
        return redirect("contacts:holds", student.pk)
    if request.method != "POST":
        opened(request, student, "holds")
    rows = list(
        ContactHold.objects.visible_to(request.user, Can.PLACE_HOLD)
        .filter(student=student)
        .select_related("placed_by")
        .order_by("-starts_on")
    )
    context = {"student": student, "form": form, "holds": rows, "today": today}
    return render(request, "contacts/holds.html", context, status=form.status)


@permission_required(Can.PLACE_HOLD, POST)
def end(request: SchoolRequest, pk: int) -> HttpResponse:
    # Of one that was ended on its first day, on another page, only the history is left.
    was = ContactHold.pgh_event_model.objects.filter(pgh_obj_id=pk).values("student")[:1]
    student = get_visible_or_404(Student.objects.all(), request, Can.PLACE_HOLD, pk__in=was)
    hold = ContactHold(pk=pk, student=student)
    said = "The hold has ended. Home may be contacted again from today, and what waited is sent now."
    press(request, lambda: end_hold(by=request.user, hold=hold), said)
    return redirect("contacts:holds", student.pk)
