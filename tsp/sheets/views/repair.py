"""What follows a restorative conversation: who calls it, and what was agreed, with one person and one day each.

Each student's record has its own; nobody of the other student's people ever sees them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from care.meetings import actions as agreeing
from care.meetings.forms import AgreeForm
from care.models import Action
from keywork import clock
from keywork.access import Can
from keywork.editing import save
from keywork.form_drafts import keeps_typed
from keywork.guards import get_visible_or_404, permission_required
from keywork.http import SchoolRequest
from keywork.models import Assignment, User
from students.models import Student

from ...models import Sheet, Tool
from .. import permissions as sheet_permissions
from .pages import framed

CALL = "Call the restorative conversation"


def first_contacts(student: Student) -> list[User]:
    """Keyworker and mentor: whom one turns to in a conflict (process 8)."""
    kinds = (Assignment.Kind.KEYWORKER, Assignment.Kind.MENTOR)
    posts = Assignment.objects.current(clock.today()).filter(student=student, kind__in=kinds)
    return [post.user for post in posts.select_related("user").order_by("kind", "pk")]


def agreed_of(row: Sheet) -> list[Action]:
    """What was agreed after one student's record of it, by its day."""
    return list(Action.objects.filter(repair_id=row.pk).select_related("owner"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Can.RECORD_RESTORATIVE)
@keeps_typed
def agree(request: SchoolRequest, pk: int) -> HttpResponse:
    """Who calls it, or what was agreed: on that person's Today until it is done."""
    rows = sheet_permissions.readable(request.user).filter(tool=Tool.RESTORATIVE, voided_at__isnull=True)
    row = get_visible_or_404(rows.select_related("student"), request, Can.RECORD_RESTORATIVE, pk=pk)
    if row.tool != Tool.RESTORATIVE:
        raise Http404
    student = row.student
    first = first_contacts(student)
    nothing_yet = not agreed_of(row)
    initial: dict[str, Any] = {}
    if nothing_yet and row.done_at is None:
        initial = {"what": CALL, "owner": first[0].pk if first else None, "due_on": clock.today()}
    form = AgreeForm(
        request.POST if request.method == "POST" else None, staff=agreeing.owners(student), initial=initial
    )
    made = save(
        request,
        form,
        lambda: agreeing.agree(
            by=request.user, student=student, repair_id=row.pk, level="general", **form.facts_told()
        ),
    )
    if made is not None:
        messages.success(request, f"It stands on {made.owner.get_short_name()}’s Today until it is done.")
        return redirect("tsp:sheet", pk=row.pk)
    context = {"form": form, "first": first, "back_url": reverse("tsp:sheet", args=[row.pk])}
    return framed(request, "tsp/sheet_agree.html", student, context, form.status)
