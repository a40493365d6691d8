"""What becomes of a sheet: they would rather not, crossed out, checked by the student."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from keywork.access import Can
from keywork.attempts import attempt
from keywork.editing import save, save_reason
from keywork.guards import GET_POST, POST, get_visible_or_404, permission_required
from keywork.http import SchoolRequest, posted

from ...models import Sheet
from .. import actions
from .. import permissions as sheet_permissions
from ..forms import DeclineForm
from .pages import about, framed


def _mine(request: SchoolRequest, pk: int) -> Sheet:
    """The sheet, if this person fills such sheets; otherwise as if it did not exist."""
    row = get_visible_or_404(sheet_permissions.known(request.user), request, Can.VIEW_STRATEGIES, pk=pk)
    if not sheet_permissions.fills_such(request.user, row):
        raise Http404
    return row


@permission_required(Can.ADD_INPUT, GET_POST)
def decline_one(request: SchoolRequest, pk: int) -> HttpResponse:
    """A sheet that was begun is set aside: they would rather not."""
    row = _mine(request, pk)
    if not sheet_permissions.may_decline(request.user, row):
        return _refused(request, row)
    form = DeclineForm(posted(request))
    done = save(
        request, form, lambda: actions.decline(by=request.user, sheet=row, words=form.cleaned_data["words"])
    )
    if done is not None:
        messages.success(request, "Written down. It can be asked again whenever it suits them.")
        return redirect("tsp:sheet", pk=row.pk)
    return _ask(request, row, form, "decline")


@permission_required(Can.ADD_INPUT, GET_POST)
def void_one(request: SchoolRequest, pk: int) -> HttpResponse:
    """Crossed out with a reason: a dialog on the sheet's page with script, this page without."""
    row = _mine(request, pk)
    if not sheet_permissions.may_void(request.user, row):
        return _refused(request, row)
    form, done = save_reason(
        request,
        lambda reason: actions.void(by=request.user, sheet=row, reason=reason),
        label="Reason",
        button="Cross out this sheet",
        missing="Say why it is crossed out",
        back=("Keep it", "back_url"),
    )
    if done is not None:
        messages.success(request, "Crossed out. It stays for the staff who read it, and counts no more.")
        return redirect("tsp:sheet", pk=row.pk)
    return _ask(request, row, form, "void")


@permission_required(Can.FILL_SHEETS, POST)
def checked(request: SchoolRequest, pk: int) -> HttpResponse:
    """The student has read what their keyworker wrote for them, and says it is right."""
    row = get_visible_or_404(sheet_permissions.known(request.user), request, Can.FILL_SHEETS, pk=pk)
    _, no = attempt(lambda: actions.mark_checked(by=request.user, sheet=row))
    if no is not None:
        return _refused(request, row)
    messages.success(request, f"Written down: {row.student.known_as} has read it and agrees.")
    return redirect("tsp:sheet", pk=row.pk)


def _ask(request: SchoolRequest, row: Sheet, form: Any, what: str) -> HttpResponse:
    context = {
        **about(request, row),
        "form": form,
        "what": what,
        "back_url": reverse("tsp:sheet", args=[row.pk]),
    }
    return framed(request, "tsp/sheet_ask.html", row.student, context, form.status)


def _refused(request: SchoolRequest, row: Sheet) -> HttpResponse:
    return framed(
        request, "tsp/sheet_refused.html", row.student, about(request, row) | {"is_refusal": True}, status=409
    )
