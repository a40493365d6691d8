"""A student draws, photographs or says an answer: files beside one question of their own sheet."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from keywork.access import Can
from keywork.guards import permission_required
from keywork.http import SchoolRequest

from ...models import Attachment
from ...sheets import attachments as actions
from ...sheets import permissions as sheet_permissions
from ...sheets.answers import save_answers
from ...sheets.soft_tools import STUDENT_TOOLS
from ..student_pages import after, steps_of
from .steps import keep_files, my_sheet, show_step
from .student import its_questions


@require_POST
@permission_required(Can.VIEW_MY_PAGE)
def attach_one(request: SchoolRequest, pk: int, step: str) -> HttpResponse:
    """A picture, a recording, or both."""
    sheet = my_sheet(request, pk)
    steps = steps_of(its_questions(sheet)[1])
    try:
        place, _, _ = after(steps, step)
    except KeyError:
        raise Http404 from None
    saving = save_answers(by=request.user, sheet=sheet, data=request.POST)  # what was typed beside it stays
    wrong = keep_files(request, sheet, steps[place])
    if not request.FILES:
        wrong = "Choose a picture or a recording first"
    if wrong or saving.status != 200:
        return show_step(request, sheet, step, saving, file_error=wrong)
    messages.success(request, "Added.")
    return redirect("tsp:own_step", sheet.pk, step)


@require_POST
@permission_required(Can.VIEW_MY_PAGE)
def take_off(request: SchoolRequest, pk: int) -> HttpResponse:
    """Off the sheet again; back to the question it stood with."""
    mine = sheet_permissions.fillable(request.user).filter(tool__in=STUDENT_TOOLS)
    mine = mine.visible_to(request.user, Can.VIEW_MY_PAGE)
    file = get_object_or_404(Attachment.objects.filter(removed_at__isnull=True, sheet__in=mine), pk=pk)
    actions.remove(by=request.user, attachment=file)
    messages.success(request, "Taken off.")
    steps = steps_of(its_questions(file.sheet)[1])
    here = [one for one in steps if one.question.slug == file.field]
    asked_from = next(
        (one for one in here if one.slug == request.POST.get("step")), here[0] if here else None
    )
    if asked_from is None:
        return redirect("tsp:own_end", file.sheet_id)
    return redirect("tsp:own_step", file.sheet_id, asked_from.slug)
