"""What a young person of 16 or more decides about home."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted

from ..actions.own_choice import links_asked_about, record_own_choice
from ..forms.own_choice import OwnChoiceForm
from ..models import OwnChoice, Student
from ..record import record_context
from ..rules import is_young_person


@permission_required(Can.RECORD_OWN_CHOICE, GET_POST)
@keeps_typed
def own_choice(request: SchoolRequest, pk: int) -> HttpResponse:
    """What holds, what was decided before, and who wrote it down; the form for what they decide now."""
    student = get_visible_or_404(Student.objects.all(), request, Can.RECORD_OWN_CHOICE, pk=pk)
    choices = list(
        OwnChoice.objects.filter(student=student)
        .select_related("recorded_by")
        .prefetch_related("at_home__link__member")
    )
    holds = next((one for one in choices if one.replaced_at is None), None)
    form = OwnChoiceForm(
        posted(request),
        links=links_asked_about(student),
        now={one.link_id: one.sees for one in holds.at_home.all()} if holds else {},
        speaks=holds is not None and holds.speaks_for_self,
    )
    made = save(request, form, lambda: record_own_choice(student=student, by=request.user, **form.chosen()))
    if made is not None:
        messages.success(request, "Saved. It holds from now on.")
        return redirect("students:own_choice", pk)
    opened(request, student, "own choices")
    context = record_context(request, student, "people") | {
        "form": form,
        "choices": choices,
        "is_old_enough": is_young_person(student.born_on, clock.today()),
        "back_url": reverse("students:people", args=[pk]),
    }
    return render(request, "students/own_choice.html", context, status=form.status)
