"""What keywork.js posts while someone types."""

from __future__ import annotations

from django.apps import apps
from django.http import HttpResponse, HttpResponseNotAllowed

from ..access import Can
from ..form_drafts import FormDrafts
from ..guards import get_visible_or_404, permission_required
from ..http import SchoolRequest


@permission_required(Can.LOG)
def draft(request: SchoolRequest, student_id: int, form: str) -> HttpResponse:
    """Keep the fields of one form about one student; 204, or 422 when they cannot be kept."""
    students = apps.get_model("students", "Student").objects.only("pk")
    student = get_visible_or_404(students, request, Can.LOG, pk=student_id)
    return _keep(request, form, student.pk)


@permission_required(Can.KEEP_DRAFTS)
def form_draft(request: SchoolRequest, form: str) -> HttpResponse:
    """The same of any other page (keywork.form_drafts.keeps_typed). Only who typed it ever sees it."""
    return _keep(request, form, None)


def _keep(request: SchoolRequest, form: str, student_id: int | None) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    no = FormDrafts(request, form, student_id).keep()
    if no is not None:
        return HttpResponse(str(no), status=422, content_type="text/plain; charset=utf-8")
    # Typing is being here: the idle time-out starts again.
    request.session.modified = True
    return HttpResponse(status=204)
