"""Moving an entry to the right student: first to whom, then with whom and why."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from keywork import clock
from keywork.access import Can
from keywork.audit import opened
from keywork.editing import save
from keywork.guards import permission_required
from keywork.http import SchoolRequest
from keywork.numbers import number_in
from students.models import Student

from ..actions.entries import may_change
from ..actions.moving import move
from ..forms.moving import MoveForm
from ..timeline import entry_of
from . import entry_messages
from .entries import find_entry
from .places import leave


@permission_required(Can.LOG)
def move_entry(request: SchoolRequest, pk: int, kind: str) -> HttpResponse:
    """By whoever may change the entry, to a student they may log for; both steps work without script."""
    entry = find_entry(request, Can.LOG, kind, pk)
    if not may_change(request.user, entry):
        return entry_messages.refused(request, entry, entry_messages.not_yours(entry), status=403)
    if entry.voided_on is not None:
        return entry_messages.refused(request, entry, "This entry has already been crossed out", status=409)
    opened(request, entry.student, kind, str(entry.pk))
    students = (
        Student.objects.visible_to(request.user, Can.LOG)
        .on_roll(clock.today())
        .exclude(pk=entry.student_id)
        .order_by("in_order", "pk")
    )
    posting = request.method == "POST"
    asked = (request.POST if posting else request.GET).get("to", "")
    to = students.filter(pk=number_in(asked)).first()
    form, status = None, 200
    if to is None:
        status = 422 if posting or asked else 200
    else:
        form = MoveForm(request.POST if posting else None, entry=entry, student=to)
        moved = save(
            request,
            form,
            lambda: move(
                by=request.user,
                entry=entry,
                student=to,
                reason=form.cleaned_data["reason"],
                person=form.chosen(),
            ),
        )
        if moved is not None:
            messages.success(
                request,
                f"{kind.capitalize()} moved to {to.name}’s record. In {entry.student.known_as}’s it is crossed out.",
            )
            return leave(request, entry_messages.entry_url(moved))
        status = form.status
    context = {
        "form": form,
        "entry": entry,
        "kind": kind,
        "student": entry.student,
        "to": to,
        "students": list(students.only("pk", "known_as", "surname", "nc_year")) if to is None else [],
        "none_chosen": status == 422 and to is None,
        "shown": [entry_of(entry, request.school.policy(entry.logged_on))],
        "back": entry_messages.entry_url(entry),
    }
    return render(request, "contacts/move.html", context, status=status)
