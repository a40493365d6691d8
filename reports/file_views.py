"""Taking a student's whole file out of Keywork: asked for with a reason, made by the worker, downloaded, deleted again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from keywork.access import Can
from keywork.audit import exported, opened
from keywork.editing import save
from keywork.forms import KeyworkForm
from keywork.guards import GET_POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted
from keywork.words import worded
from outbox import actions as outbox
from outbox.models import Job
from students.models import Student
from students.record import record_context

from . import student_file as files
from .file_names import file_name
from .models import StudentFile

SHOWN = 20


class ReasonForm(KeyworkForm):
    reason = forms.CharField(
        label="Why it is taken out",
        max_length=200,
        help_text="Who asked for it and when. It is kept with the list of who opened the record.",
    )
    with_requests = forms.BooleanField(required=False)
    missing = {"reason": "Say why it is taken out"}
    button = "Make the file"

    def __init__(self, *args: Any, student: Student, may_hold_requests: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, name = self.fields["with_requests"], student.known_as
        field.label = worded("Put in what {name} wrote when asking for another keyworker").format(name=name)
        field.help_text = worded(
            "Only where {name} asked for the file, or a court did. {name} chose who reads it: it goes to nobody at home, to"
            " no keyworker and to no other school."
        ).format(name=name)
        if not may_hold_requests:
            del self.fields["with_requests"]


@permission_required(Can.TAKE_OUT_FILE, GET_POST)
def student_file(request: SchoolRequest, pk: int) -> HttpResponse:
    """Ask for it, and what was asked for before."""
    student = get_visible_or_404(Student.objects.all(), request, Can.TAKE_OUT_FILE, pk=pk)
    may_hold = files.may_hold_requests(request.user, student)
    form = ReasonForm(posted(request), student=student, may_hold_requests=may_hold)
    made = save(
        request,
        form,
        lambda: files.order_file(student=student, by=request.user, **form.cleaned_data),
    )
    if made is not None:
        opened(request, student, "whole file asked for", reason=made.reason)
        messages.success(request, "It is being made. That can take a minute.")
        return redirect("reports:student_file", pk=pk)
    rows = list(StudentFile.objects.filter(student=student).select_related("ordered_by")[:SHOWN])
    jobs = outbox.latest_of(files.MAKE, [row.pk for row in rows if row.made_at is None])
    context: dict[str, Any] = {
        **record_context(request, student, "reports"),
        "form": form,
        "may_hold": may_hold,
        "rows": [
            (row, _failed(jobs.get(str(row.pk))), row.is_whole() and (may_hold or not row.with_requests))
            for row in rows
        ],
        "kept_days": files.KEPT_DAYS,
        "waits": any(row.made_at is None and not _failed(jobs.get(str(row.pk))) for row in rows),
    }
    return render(request, "reports/student_file.html", context, status=form.status)


def _failed(job: Job | None) -> str:
    return job.error if job is not None and job.state in (Job.State.FAILED, Job.State.GIVEN_UP) else ""


@require_GET
@permission_required(Can.TAKE_OUT_FILE)
def download(request: SchoolRequest, pk: int) -> HttpResponseBase:
    """The archive, to whoever may take such a file out; each time leaves a row."""
    row = get_visible_or_404(StudentFile.objects.select_related("student"), request, Can.TAKE_OUT_FILE, pk=pk)
    if not row.is_whole() or (row.with_requests and not files.may_hold_requests(request.user, row.student)):
        raise Http404
    exported(request, [row.student_id], "whole file")
    return FileResponse(
        row.archive.open("rb"),
        as_attachment=True,
        filename=f"{file_name(row.student, 'whole-file')}.zip",
        content_type="application/zip",
    )
