"""Pictures and recordings of a sheet: added, shown to whoever reads the sheet, removed."""

from __future__ import annotations

import re
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from keywork.access import Can
from keywork.audit import opened
from keywork.editing import press, save
from keywork.guards import GET, POST, View, get_visible_or_404, permission_required
from keywork.http import SANDBOX, SchoolRequest, stored

from ...models import Attachment
from ...questions import templates
from .. import attachments as actions
from .. import permissions as sheet_permissions
from ..forms import AttachForm
from ..soft_tools import TOOLS
from .fill import askable, show_form

_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


def _file(can: Can) -> View:
    """The page of a file for those who come to its sheet by `can`."""

    @permission_required(can, GET)
    def file(request: SchoolRequest, pk: int) -> HttpResponseBase:
        return _serve(request, can, pk)

    return file


for_staff, for_student, for_family = map(_file, (Can.VIEW_STRATEGIES, Can.VIEW_MY_PAGE, Can.VIEW_FAMILY_HOME))


def _serve(request: SchoolRequest, can: Can, pk: int) -> HttpResponseBase:
    """The file itself; opening it is recorded."""
    rows = Attachment.objects.select_related("sheet__student", "sheet__member")
    row = get_visible_or_404(rows, request, can, pk=pk)
    if not actions.may_open(request.user, row) or not row.file.storage.exists(row.file.name):
        raise Http404
    part = _RANGE.fullmatch(request.headers.get("Range", "")) if row.kind == Attachment.Kind.SOUND else None
    if part is None or part[1] == "0":  # once a hearing, not once a piece
        opened(request, row.sheet.student, "sheet", f"{row.get_kind_display()} with sheet {row.sheet_id}")
    if part is not None:
        return _piece(row, int(part[1]), int(part[2]) if part[2] else None)
    whole = stored(row.file, row.content_type, f"{row.kind}-{row.pk}")
    whole.headers["Accept-Ranges"] = "bytes"
    return whole


def _piece(row: Attachment, first: int, last: int | None) -> HttpResponse:
    """A piece of a recording: some browsers play nothing that cannot be had in pieces."""
    size, headers = row.file.size, {**SANDBOX, "Accept-Ranges": "bytes"}
    if first >= size or (last is not None and last < first):
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    last = min(size - 1, size - 1 if last is None else last)
    with row.file.open("rb") as file:
        file.seek(first)
        content = file.read(last - first + 1)
    told = {**headers, "Content-Range": f"bytes {first}-{last}/{size}"}
    return HttpResponse(content, status=206, content_type=row.content_type, headers=told)


@permission_required(Can.ADD_INPUT, POST)
def attach_one(request: SchoolRequest, pk: int) -> HttpResponse:
    """A picture or recording for one question; a refused one is told beside its input."""
    row = get_visible_or_404(sheet_permissions.fillable(request.user), request, Can.VIEW_STRATEGIES, pk=pk)
    if not TOOLS[row.tool].files:
        raise Http404
    tool = templates.version(row.template_id).tool(row.tool)
    form = AttachForm(request.POST, request.FILES, questions=askable(tool), audience=row.wording)
    chosen = [name for name in ("picture", "sound") if form.is_valid() and form.cleaned_data.get(name)]
    added = [
        save(
            request,
            form,
            partial(
                actions.attach,
                by=request.user,
                sheet=row,
                field=form.cleaned_data["field"],
                upload=form.cleaned_data[name],
            ),
            beside=name,
        )
        for name in chosen
    ]
    if form.is_valid() and None not in added:
        messages.success(request, "Added.")
        return redirect(reverse("tsp:sheet_fill", args=[row.pk]) + "#files")
    response = show_form(request, row, attach_form=form)
    response.status_code = 422
    return response


@permission_required(Can.ADD_INPUT, POST)
def remove_one(request: SchoolRequest, pk: int) -> HttpResponse:
    """Taken off the sheet by whoever may write in it; the history keeps that it was there."""
    rows = Attachment.objects.filter(removed_at__isnull=True).select_related(
        "sheet__student", "sheet__member"
    )
    row = get_visible_or_404(rows, request, Can.VIEW_STRATEGIES, pk=pk)
    if not sheet_permissions.may_fill(request.user, row.sheet):
        raise Http404
    press(request, lambda: actions.remove(by=request.user, attachment=row), "Removed.")
    return redirect(reverse("tsp:sheet_fill", args=[row.sheet_id]) + "#files")
